import { describe, expect, it } from "vitest";

import { decode, encoder } from "./bytes";
import { Document } from "./document";
import { Segment, type Extent, type Hole } from "./segment";

const bytes = (text: string) => encoder.encode(text);

/** The lines of a segment as they are shown, with `[n]` for a hole of n bytes and `>` before what goes on with the line above. */
function shown(segment: Segment): string[] {
  return segment.parts.flatMap((part) => {
    if (part.kind === "hole") return [`[${part.end - part.start}]`];
    return part.chunks.flatMap((chunk) =>
      Array.from({ length: chunk.lines }, (_, line) => (line === 0 && chunk.continues ? ">" : "") + decode(chunk.line(line))),
    );
  });
}

const anyHole = (segment: Segment) => segment.parts.find((part): part is Hole => part.kind === "hole");

function hole(segment: Segment): Hole {
  const found = anyHole(segment);
  if (!found) throw new Error("there is no hole");
  return found;
}

/** Numbers that look random and are the same each time. */
function dice(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state % most;
  };
}

describe("what the stream sends", () => {
  it("is cut into lines, wherever it was cut on the way", () => {
    const text = "one\n\ntwo\nthree";
    const segment = new Segment("01-x", 1);
    for (const [at, letter] of Array.from(text).entries()) segment.receive(at, at + 1, bytes(letter));
    expect(shown(segment)).toEqual(["one", "", "two", "three"]);
    expect(segment.end).toBe(text.length);
  });

  it("isn't doubled when it comes again, nor when only a part of it is new", () => {
    const segment = new Segment("01-x", 1);
    segment.receive(0, 8, bytes("one\ntwo\n"));
    segment.receive(0, 8, bytes("one\ntwo\n"));
    segment.receive(4, 12, bytes("two\nnew\n"));
    expect(shown(segment)).toEqual(["one", "two", "new"]);
  });

  it("leaves a hole where something is missing, which isn't taken for text", () => {
    const segment = new Segment("01-x", 1);
    segment.receive(0, 4, bytes("one\n"));
    segment.receive(8, 12, bytes("new\n"));
    expect(shown(segment)).toEqual(["one", "[4]", "new"]);
  });

  it("is fetched again where replacement characters hide how much of it is new", () => {
    const segment = new Segment("01-x", 1);
    segment.receive(0, 4, bytes("one\n"));
    // Five bytes of the file, of which one is no text, overlap by two.
    segment.receive(2, 7, bytes("e\n\ufffdx\n"));
    expect(shown(segment)).toEqual(["one", "[3]"]);
  });
});

describe("a hole", () => {
  it("is filled from its end with whole lines, the beginning of one waits for the piece before", () => {
    const segment = new Segment("01-x", 1);
    segment.missUntil(20, "earlier");
    segment.fillBack(hole(segment), 10, bytes("e\nfour\nfiv"));
    expect(shown(segment)).toEqual(["[12]", "four", "fiv"]);
    segment.receive(20, 22, bytes("e\n"));
    segment.fillBack(hole(segment), 0, bytes("one\ntwo\nthre"));
    expect(shown(segment)).toEqual(["one", "two", "three".slice(0, 4) + "four", "five"]);
  });

  it("is filled from its start behind what is there", () => {
    const segment = new Segment("01-x", 1);
    segment.receive(0, 6, bytes("one\ntw"));
    segment.receive(14, 18, bytes("ur\n5"));
    segment.fillFront(hole(segment), bytes("o\nthr"));
    expect(shown(segment)).toEqual(["one", "two", "thr", "[3]", "ur", "5"]);
    segment.fillFront(hole(segment), bytes("e\nfo".slice(0, 3)));
    expect(shown(segment)).toEqual(["one", "two", "thre", "fur", "5"]);
    expect(segment.parts).toHaveLength(1);
  });

  it("takes nothing that doesn't fit", () => {
    const segment = new Segment("01-x", 1);
    segment.missUntil(10, "earlier");
    segment.fillBack(hole(segment), 3, bytes("x\n"));
    segment.fillFront(hole(segment), bytes("longer than ten"));
    expect(shown(segment)).toEqual(["[10]"]);
  });
});

it("a line longer than a chunk is shown in parts, and counted once", () => {
  const document = new Document();
  const segment = document.segment("01-x", 1);
  const long = "ö".repeat(1_200_000);
  segment.receive(0, bytes(`a\n${long}\nz\n`).length, bytes(`a\n${long}\nz\n`));
  document.changed();
  const lines = shown(segment);
  expect(lines.slice(1, -1).map((line) => line.replace(">", "")).join("")).toBe(long);
  expect(lines.length).toBeGreaterThan(3);
  expect(document.lines).toBe(3);
});

it("however a log is cut, filled and streamed, it is the same log", () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const roll = dice(seed);
    const text = Array.from({ length: 40 }, (_, line) => `${"wörter \u{1F600}".repeat(roll(4))}${line}`).join("\n") + (roll(2) ? "\n" : "");
    const whole = bytes(text);
    const had = roll(whole.length);
    const segment = new Segment("01-x", 1);
    segment.missUntil(had, "earlier");
    let at = had;
    while (at < whole.length || anyHole(segment)) {
      const gap = anyHole(segment);
      if (at < whole.length && (!gap || roll(2))) {
        const end = Math.min(whole.length, at + 1 + roll(60));
        // Now and then the stream leaves out something.
        if (roll(5)) segment.receive(at, end, whole.subarray(at, end));
        else segment.missUntil(end, "skipped");
        at = end;
      } else if (gap?.why === "earlier") {
        const start = Math.max(gap.start, gap.end - 20 - roll(80));
        segment.fillBack(gap, start, whole.subarray(start, gap.end));
      } else if (gap) {
        segment.fillFront(gap, whole.subarray(gap.start, Math.min(gap.end, gap.start + 1 + roll(50))));
      }
    }
    expect(segment.parts).toHaveLength(1);
    expect(shown(segment).join("\n").replaceAll("\n>", "")).toBe(text.replace(/\n$/, ""));
  }
});

it("the oldest lines are let go, with their number", () => {
  const document = new Document();
  const segment = document.segment("01-x", 1);
  const line = `${"x".repeat(99)}\n`;
  const text = bytes(line.repeat(30_000));
  segment.receive(0, text.length, text);
  document.fit(1_500_000);
  document.changed();
  const { lines, end, why } = hole(segment);
  expect([why, lines]).toEqual(["full", (end / 100) | 0]);
  expect(document.held).toBeLessThanOrEqual(1_500_000);
  expect(document.lines).toBe(30_000);
  expect((segment.parts[1] as Extent).start).toBe(end);
});

it("a file that was cut begins again", () => {
  const segment = new Segment("01-x", 1);
  segment.receive(0, 8, bytes("one\ntwo\n"));
  segment.clear();
  segment.receive(0, 4, bytes("new\n"));
  expect([shown(segment), segment.cut]).toEqual([["new"], true]);
});
