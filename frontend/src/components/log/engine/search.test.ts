import { describe, expect, it } from "vitest";

import { encoder } from "./bytes";
import { Chunk } from "./chunk";
import { expressionOf, Findings, linesWith, places } from "./search";

const plain = { pattern: false, cases: false };

function lines(text: string, wanted: { text: string; pattern: boolean; cases: boolean }): number[] {
  const { regex } = expressionOf(wanted);
  return regex ? [...linesWith(encoder.encode(text), regex)] : [-1];
}

describe("an expression", () => {
  it("is the text itself unless it is said to be a pattern", () => {
    expect(lines("a.c\nabc\nA.C\n", { text: "a.c", ...plain })).toEqual([0, 2]);
    expect(lines("a.c\nabc\nA.C\n", { text: "a.c", pattern: true, cases: true })).toEqual([0, 1]);
  });

  it("says why it is none", () => {
    expect(expressionOf({ text: "(", pattern: true, cases: false }).wrong).toMatch(/group/i);
    expect(expressionOf({ text: "(", ...plain }).wrong).toBeUndefined();
  });

  it("may be sloppy where that is allowed", () => {
    expect(lines("a-b\n", { text: "\\a\\-b|a\\-b", pattern: true, cases: false })).toEqual([0]);
  });

  it("is looked for in what is shown: without colours, in the last state of a progress bar", () => {
    expect(lines("\u001b[31mre\u001b[0md\n", { text: "red", ...plain })).toEqual([0]);
    expect(lines("10%\r20%\n", { text: "10%", ...plain })).toEqual([]);
    expect(lines("10%\r20%\n", { text: "20%", ...plain })).toEqual([0]);
  });

  it("goes over no end of a line", () => {
    expect(lines("a\nb\n", { text: "a\\s*b", pattern: true, cases: false })).toEqual([]);
    expect(lines("a\nb\n\n", { text: "^$", pattern: true, cases: false })).toEqual([]);
  });

  it("is found in all its places", () => {
    expect(places("abcabc", /b/g)).toEqual([
      [1, 2],
      [4, 5],
    ]);
    expect(places("abc", /x*/g)).toEqual([]);
  });
});

describe("what was found", () => {
  const chunkOf = (text: string) => {
    const chunk = new Chunk(100);
    chunk.take(encoder.encode(text));
    return chunk;
  };
  const search = (findings: Findings, chunks: Chunk[]) => {
    for (let next = findings.next(chunks); next; next = findings.next(chunks)) {
      const { chunk, from } = next;
      findings.take(chunk, from, linesWith(chunk.text(from), findings.regex), chunk);
    }
  };

  it("is walked forwards and backwards, around the end", () => {
    const chunks = [chunkOf("x\n-\nx\n"), chunkOf("-\n"), chunkOf("-\nx\n")];
    const findings = new Findings(/x/g);
    search(findings, chunks);
    const [a, , c] = chunks as [Chunk, Chunk, Chunk];
    expect(findings.count(chunks)).toBe(3);
    expect(findings.step(chunks, a, 0, 1)).toEqual({ chunk: a, line: 2 });
    expect(findings.step(chunks, a, 2, 1)).toEqual({ chunk: c, line: 1 });
    expect(findings.step(chunks, c, 1, 1)).toEqual({ chunk: a, line: 0 });
    expect(findings.step(chunks, a, 0, -1)).toEqual({ chunk: c, line: 1 });
    expect(findings.step(chunks, c, 0, -1)).toEqual({ chunk: a, line: 2 });
    expect(findings.rank(chunks, c, 1)).toBe(3);
    expect(findings.rank(chunks, a, 2)).toBe(2);
  });

  it("grows with the log; a line that wasn't ended is looked at again", () => {
    const chunk = chunkOf("x\ny");
    const findings = new Findings(/x|yz/g);
    search(findings, [chunk]);
    expect(findings.in(chunk)).toEqual([0]);
    chunk.take(encoder.encode("z\nx\n"));
    search(findings, [chunk]);
    expect(findings.in(chunk)).toEqual([0, 1, 2]);
    expect(findings.next([chunk])).toBeNull();
  });

  it("only where there is one", () => {
    const chunk = chunkOf("-\n");
    const findings = new Findings(/x/g);
    search(findings, [chunk]);
    expect(findings.step([chunk], chunk, 0, 1)).toBeNull();
  });
});
