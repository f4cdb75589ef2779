import { execFileSync } from "node:child_process";

import { expect, it } from "vitest";

import { curl, python } from "./snippets";

it("is a command that a shell reads as it is meant", () => {
  const line = curl("http://localhost:8765", "facts's").replace(/^curl/, "printf '%s\\0'").replace("$(tunesmith token)", "KEY");
  const words = execFileSync("/bin/sh", ["-c", line], { encoding: "utf8" }).split("\0").slice(0, -1);
  expect(words.slice(0, 2)).toEqual(["http://localhost:8765/v1/chat/completions", "-H"]);
  expect(words[2]).toBe("Authorization: Bearer KEY");
  expect(JSON.parse(words.at(-1) ?? "")).toEqual({ model: "facts's", messages: [{ role: "user", content: "Hello" }] });
});

it("is Python that compiles", () => {
  const text = python("https://localhost:3443", 'a"b');
  execFileSync("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], { input: text });
  expect(text).toContain('base_url="https://localhost:3443/v1"');
});
