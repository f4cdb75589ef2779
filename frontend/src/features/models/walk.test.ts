import { describe, expect, it } from "vitest";

import { small } from "./made";
import { treeOf } from "./tree";
import { found, moveBy, rowsOf, type Row } from "./walk";

const roots = treeOf(small());
const names = (rows: Row[]) => rows.map(({ node, level }) => `${level} ${node.name}`);
const all = () => true;

describe("filtering", () => {
  it("without a filter keeps the tree itself", () => {
    expect(found(roots, {}).roots[0]).toBe(roots[0]);
  });

  it("by kind keeps what leads there, and says which lines fit", () => {
    const rows = rowsOf(found(roots, { kind: ["gguf"] }), all);
    expect(names(rows)).toEqual(["1 b", "2 facts", "3 facts-1", "4 facts-1-q8_0", "2 b-q8_0"]);
    expect(rows.filter(({ fits }) => fits).map(({ node }) => node.name)).toEqual(["facts-1-q8_0", "b-q8_0"]);
  });

  it("counts checkpoints as adapters", () => {
    expect(found(roots, { kind: ["adapter"] }).fits.size).toBe(3);
  });

  it("by text wants every word, in any case", () => {
    expect([...found(roots, { q: "FACTS Q8_0 gguf/" }).fits]).toEqual(["models/gguf/facts-1-q8_0.gguf"]);
    expect(found(roots, { q: "nothing like it" }).roots).toEqual([]);
  });
});

describe("lines", () => {
  it("are those of what is open, with their place among siblings", () => {
    const rows = rowsOf(found(roots, {}), (_, level) => level === 1);
    expect(rows.map(({ node, place, siblings, open }) => [node.name, place, siblings, open])).toEqual([
      ["b", 1, 1, true],
      ["b", 1, 3, null],
      ["facts", 2, 3, false],
      ["b-q8_0", 3, 3, null],
    ]);
  });
});

describe("keys", () => {
  const rows = rowsOf(found(roots, {}), (_, level) => level === 1);

  it("go up and down, and stop at the ends", () => {
    expect(moveBy("ArrowDown", rows, 0)).toEqual({ to: 1 });
    expect(moveBy("ArrowDown", rows, 3)).toEqual({ to: 3 });
    expect(moveBy("ArrowUp", rows, 0)).toEqual({ to: 0 });
    expect(moveBy("End", rows, 0)).toEqual({ to: 3 });
  });

  it("unfold, then go in; fold, then go out", () => {
    expect(moveBy("ArrowRight", rows, 2)).toEqual({ fold: "saves/facts", open: true });
    expect(moveBy("ArrowRight", rows, 0)).toEqual({ to: 1 });
    expect(moveBy("ArrowLeft", rows, 0)).toEqual({ fold: "models/base/b", open: false });
    expect(moveBy("ArrowLeft", rows, 3)).toEqual({ to: 0 });
    expect(moveBy("ArrowRight", rows, 3)).toBeNull();
  });

  it("that mean nothing do nothing", () => {
    expect(moveBy("x", rows, 0)).toBeNull();
    expect(moveBy("ArrowDown", [], 0)).toBeNull();
  });
});
