import { describe, expect, it } from "vitest";

import { againstName, isName, suggestion } from "./names";

describe("a name", () => {
  it.each(["a", "facts-r16", "smollm2.135m_x", "0".repeat(80)])("may be %s", (name) => {
    expect(isName(name)).toBe(true);
    expect(againstName(name)).toBeNull();
  });

  it.each(["", "A", "a b", "-a", "a-", "a..b", "ä", "0".repeat(81), "../x", "a/b"])("may not be %j", (name) => {
    expect(isName(name)).toBe(false);
  });

  it.each([
    ["My Rows (final).jsonl", "my-rows-final-.jsonl"],
    ["../../etc/passwd", "etc-passwd"],
    ["a...b", "a.b"],
    ["日本語", "model"],
    ["ş".repeat(3) + "x".repeat(100), "x".repeat(80)],
  ])("of %j is suggested as one that is allowed", (text, name) => {
    expect(suggestion(text)).toBe(name);
    expect(isName(suggestion(text))).toBe(true);
  });

  it("that can't be used comes with one that can", () => {
    expect(againstName("My Rows")).toContain("“my-rows”");
  });
});
