import { describe, expect, it } from "vitest";

import type { LogText } from "../source";
import { Document } from "./document";
import { rowsBetween, type Row } from "./rows";

function text(step: string, offset: number, said: string, attempt = 1): LogText {
  return { kind: "log", step, attempt, offset, end: offset + new TextEncoder().encode(said).length, text: said };
}

function words(rows: Row[]): string[] {
  return rows.map((row) => {
    if (row.kind === "head") return `# ${row.step}/${row.attempt}`;
    if (row.kind === "hole") return `[${row.bytes}]`;
    return `${row.number ?? ""} ${row.states.map((spans) => spans.map((span) => span.text).join("")).join("|")}`;
  });
}

const all = (document: Document) => words(rowsBetween(document, 0, document.height, null, null).rows);

describe("a log of several steps", () => {
  const document = new Document();
  document.receive(text("10-serve", 0, "late\n"));
  document.receive(text("02-merge", 0, "again\n", 2));
  document.receive(text("02-merge", 0, "first\nsecond"));

  it("has them in their order, with their headings, numbered through", () => {
    expect(all(document)).toEqual(["# 02-merge/1", "1 first", "2 second", "# 02-merge/2", "3 again", "# 10-serve/1", "4 late"]);
  });

  it("shows one of them alone, by its name or its folder's", () => {
    document.show("serve", 0);
    expect(all(document)).toEqual(["1 late"]);
    document.show("02-merge", 0);
    expect(all(document)).toEqual(["# 02-merge/1", "1 first", "2 second", "# 02-merge/2", "3 again"]);
  });
});

describe("numbers behind a hole", () => {
  it("are known when its lines are", () => {
    const document = new Document();
    document.reconcile([{ step: "01-x", attempt: 1, bytes: 100, ended: false }], "earlier");
    document.receive(text("01-x", 100, "here\n"));
    expect([all(document), document.lines]).toEqual([["[100]", " here"], null]);
    const hole = document.segments[0]?.parts[0];
    if (hole?.kind === "hole") hole.lines = 7;
    document.changed();
    expect([all(document), document.lines]).toEqual([["[100]", "8 here"], 8]);
  });
});

it("a line that goes on in a hole, or behind one, is counted once", () => {
  const document = new Document();
  document.receive(text("01-x", 0, "one\ntw"));
  document.receive(text("01-x", 14, "four\n"));
  const hole = document.segments[0]?.parts[1];
  if (hole?.kind === "hole") hole.lines = 2;
  document.changed();
  expect([all(document), document.lines]).toEqual([["1 one", "2 tw", "[8]", "4 four"], 4]);
});

it("a log that ends without a line feed has that line, too", () => {
  const document = new Document();
  document.receive(text("01-x", 0, "one\ntwo"));
  expect(document.lines).toBe(2);
  document.receive(text("02-y", 0, "three"));
  expect([all(document), document.lines]).toEqual([["# 01-x/1", "1 one", "2 two", "# 02-y/1", "3 three"], 3]);
});

describe("wrapped lines", () => {
  const document = new Document();
  document.receive(text("01-x", 0, `short\n${"x".repeat(25)}\n\u001b[31m${"ö".repeat(10)}\u001b[0m\n\n\tt\n`));

  it("are as high as their text is long: escapes take no room, a character takes one column", () => {
    document.show(undefined, 10);
    expect([0, 1, 2, 3, 4].map((line) => document.at(document.topOf({ ...at(document, 0), line }) ?? -1)?.line)).toEqual([0, 1, 2, 3, 4]);
    expect(document.height).toBe(1 + 3 + 1 + 1 + 1);
    expect(document.at(3)).toMatchObject({ line: 1, begins: 1 });
    expect(document.at(4)).toMatchObject({ line: 2, begins: 4 });
  });

  it("are one high when they aren't wrapped", () => {
    document.show(undefined, 0);
    expect(document.height).toBe(5);
  });
});

function at(document: Document, height: number) {
  const place = document.at(height);
  if (!place) throw new Error("nothing there");
  return place;
}

describe("a progress bar", () => {
  const document = new Document();
  document.receive(text("01-x", 0, "\r 0%\r 50%\r100%\ndone\r\n"));

  it("is folded to what it wrote last, and unfolds", () => {
    expect(all(document)).toEqual(["1 100%", "2 done"]);
    const { block } = at(document, 0);
    if (block.kind === "chunk") block.chunk.unfold(0);
    document.changed();
    expect(all(document)).toEqual(["1  0%| 50%|100%", "2 done"]);
    expect(document.height).toBe(4);
  });
});

it("places stay what they are while lines come before and behind", () => {
  const document = new Document();
  document.reconcile([{ step: "01-x", attempt: 1, bytes: 8, ended: false }], "earlier");
  document.receive(text("01-x", 8, "three\nfour\n"));
  const four = at(document, 2);
  const segment = document.segment("01-x", 1);
  const [hole] = segment.parts;
  if (hole?.kind === "hole") segment.fillBack(hole, 0, new TextEncoder().encode("one\ntwo\n"));
  document.changed();
  document.receive(text("01-x", 19, "five\n"));
  expect(document.topOf(four)).toBe(3);
  expect(words(rowsBetween(document, 3, 4, null, null).rows)).toEqual(["4 four"]);
});

it("what the stream left out is a hole in each attempt that it is in", () => {
  const document = new Document();
  document.receive(text("01-x", 0, "one\n"));
  const other = document.skipped({
    kind: "gap",
    gap: { from: { step: "01-x", attempt: 1, byte: 4 }, to: { step: "02-y", attempt: 1, byte: 50 }, bytes: [4, 150] },
  });
  expect(other).toBe(true);
  document.reconcile(
    [
      { step: "01-x", attempt: 1, bytes: 104, ended: true },
      { step: "02-y", attempt: 1, bytes: 50, ended: false },
    ],
    "skipped",
  );
  document.receive(text("02-y", 50, "new\n"));
  expect(all(document)).toEqual(["# 01-x/1", "1 one", "[100]", "# 02-y/1", "[50]", " new"]);
});
