import { execFileSync } from "node:child_process";

import { describe, expect, it } from "vitest";

import { commandLine, quoted } from "./shell";

/** What a shell makes of a command line: its words, as the command gets them. */
const words = (line: string, env: Record<string, string> = {}) =>
  execFileSync("/bin/sh", ["-c", line], { env: { PATH: process.env.PATH, ...env }, encoding: "utf8" }).split("\0").slice(0, -1);

const SHOW = ["printf", "%s\\0"];

describe("a command line", () => {
  it("leaves plain words as they are", () => {
    expect(commandLine(["llamafactory-cli", "export", "/home/a_b/merge.yaml", "--x=1"])).toBe(
      "llamafactory-cli export /home/a_b/merge.yaml --x=1",
    );
  });

  it("gives a shell back the very words", () => {
    const given = ["", "a b", "it's", '"$HOME"', "`id`", "a\\b", "line\nbreak", "*", "~", "-n", "é😀", "!x", "#", "a;b|c&d"];
    expect(words(commandLine([...SHOW, ...given]))).toEqual(given);
  });

  it("sets its environment, and takes secrets from the shell's", () => {
    const line = commandLine(["printenv", "MODE", "HF_TOKEN"], { MODE: "a b", HF_TOKEN: "env:HF_TOKEN" });
    expect(line).not.toContain("env:HF");
    const said = execFileSync("/bin/sh", ["-c", line], { env: { PATH: process.env.PATH, HF_TOKEN: "s3cret" }, encoding: "utf8" });
    expect(said).toBe("a b\ns3cret\n");
  });
});

it("quotes an empty word", () => {
  expect(quoted("")).toBe("''");
});
