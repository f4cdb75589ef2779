import { describe, expect, it } from "vitest";

import type { Drawn } from "./engine/protocol";
import { amount, opening, standing } from "./Standing";
import { inWords } from "./Toolbar";

const drawn = (more: Partial<Drawn>): Drawn => ({
  rows: [],
  at: 0,
  toEnd: true,
  height: 0,
  origin: 0,
  lines: 1_000_000,
  bytes: 79_000_000,
  held: 79_000_000,
  loading: false,
  steps: [],
  ...more,
});

describe("how much there is", () => {
  it("is lines and bytes", () => {
    expect(amount(drawn({}))).toBe("1,000,000 lines, 75.3 MiB");
    expect(amount(drawn({ lines: 1 }))).toBe("1 line, 75.3 MiB");
  });

  it("is no number of lines where nobody knows it, and nothing where nothing is", () => {
    expect(amount(drawn({ lines: null }))).toBe("75.3 MiB");
    expect(amount(drawn({ lines: 0, bytes: 0, held: 0 }))).toBe("");
  });

  it("is how much has come while it is fetched", () => {
    expect(amount(drawn({ loading: true, held: 8_388_608 }))).toBe("8.00 MiB of 75.3 MiB fetched");
  });
});

describe("how a log stands", () => {
  const says = (how: Parameters<typeof standing>[0]["standing"], failed: number | null = null, bytes = 1) =>
    standing({ standing: how, failed, drawn: drawn({ bytes }) });

  it("is said where one waits for something", () => {
    expect(says("queued")).toMatch(/Waiting for its turn/);
    expect(says("away")).toMatch(/goes on when it does/);
    expect(says("open", 0)).toMatch(/goes on when it does/);
    expect(says("open")).toBe("live");
    expect(says("open", null, 0)).toBe("Nothing was written yet.");
    expect(says("ended")).toBe("complete");
  });

  it("is said where there is nothing to wait for", () => {
    expect(says(null, 404)).toBe("There is no such log any more.");
    expect(says(null, 500)).toBe("It can’t be read: the answer was 500.");
  });
});

describe("a log that was just opened", () => {
  const opens = (bytes: number | null, how: Parameters<typeof opening>[0]["standing"] = null, failed: number | null = null) =>
    opening({ standing: how, failed, drawn: bytes === null ? null : drawn({ bytes }) });

  it("is opening until something of it is there, its stream is open, or it fails", () => {
    expect(opens(null)).toBe(true);
    expect(opens(0)).toBe(true);
    expect(opens(0, "connecting")).toBe(true);
    expect(opens(1)).toBe(false);
    expect(opens(0, "open")).toBe(false);
    expect(opens(null, null, 404)).toBe(false);
  });
});

describe("what was found", () => {
  it.each([
    [{ lines: 128, at: 3, done: true, wrong: null }, "3 of 128 lines"],
    [{ lines: 1, at: 0, done: true, wrong: null }, "1 line"],
    [{ lines: 0, at: 0, done: true, wrong: null }, "not found"],
    [{ lines: 5, at: 0, done: false, wrong: null }, "5 lines …"],
    [{ lines: 0, at: 0, done: false, wrong: null }, " …"],
    [{ lines: 0, at: 0, done: true, wrong: "Unterminated group" }, "Can’t be searched for: Unterminated group"],
  ])("%j is %j", (found, words) => {
    expect(inWords(found)).toBe(words);
  });
});
