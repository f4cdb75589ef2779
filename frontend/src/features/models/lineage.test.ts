import { describe, expect, it } from "vitest";

import type { Dataset } from "@/client/types";

import { drawingOf, stepTo, TALLEST, type Around, type Drawing } from "./lineage";
import { artifact, small } from "./made";

const rows = { name: "rows", path: "data/rows.jsonl" } as Dataset;
const home: Around = { ...small(), datasets: [rows] };

/** "column: name, name" from the first to the last. */
function drawn({ places }: Drawing): string[] {
  const columns = [...new Set(places.map(({ column }) => column))].sort((a, b) => a - b);
  return columns.map((column) => {
    const here = places.filter((place) => place.column === column).sort((a, b) => a.row - b.row);
    return `${column}: ${here.map(({ kind, name }) => `${kind} ${name}`).join(", ")}`;
  });
}

describe("the drawing of where a thing comes from and what came of it", () => {
  it("goes back to base and data set, and on to the served name", () => {
    expect(drawn(drawingOf("saves/facts", home))).toEqual([
      "-1: base b, dataset rows",
      "0: adapter facts",
      "1: merged facts-1, gguf-adapter facts-1",
      "2: gguf facts-1-q8_0, served facts",
    ]);
  });

  it("goes over every step", () => {
    expect(drawn(drawingOf("models/gguf/facts-1-q8_0.gguf", home))).toEqual([
      "-3: base b, dataset rows",
      "-2: adapter facts",
      "-1: merged facts-1",
      "0: gguf facts-1-q8_0",
    ]);
  });

  it("has every arrow go onwards, also past a step: a merged model comes of its adapter and of its base", () => {
    const { places, edges } = drawingOf("models/base/b", home);
    const column = (id: string) => places.find((place) => place.id === id)?.column ?? NaN;
    expect(edges).toContainEqual(["models/base/b", "models/merged/facts-1"]);
    for (const [from, to] of edges) expect(column(from)).toBeLessThan(column(to));
    expect(column("models/merged/facts-1")).toBe(2);
  });

  it("leaves out checkpoints, of which each run has many", () => {
    expect(drawingOf("models/base/b", home).places.map(({ kind }) => kind)).not.toContain("checkpoint");
    expect(drawn(drawingOf("saves/facts/checkpoint-9", home))).toEqual(["-1: base b", "0: checkpoint checkpoint-9"]);
  });

  it("names a parent that is gone", () => {
    const gone = { ...home, artifacts: [artifact("saves/x", "adapter", { from: ["models/base/gone", "data/gone.jsonl"] })] };
    expect(drawn(drawingOf("saves/x", gone))).toEqual(["-1: missing gone, missing gone.jsonl", "0: adapter x"]);
  });

  it("says how many more there are when they are many", () => {
    const base = artifact("models/base/b", "base");
    const adapters = Array.from({ length: 10_000 }, (_, i) => artifact(`saves/r${i}`, "adapter", { base: base.id, from: [base.id] }));
    const drawing = drawingOf(base.id, { artifacts: [base, ...adapters], datasets: [], served: [] });
    expect(drawing.places).toHaveLength(1 + TALLEST + 1);
    expect(drawing.places.at(-1)).toMatchObject({ more: 10_000 - TALLEST, column: 1, row: TALLEST });
  });

  it("ends when records go in a circle", () => {
    const a = artifact("models/merged/a", "merged", { from: ["models/merged/b"] });
    const b = artifact("models/merged/b", "merged", { from: ["models/merged/a"] });
    const { places } = drawingOf(a.id, { artifacts: [a, b], datasets: [], served: [] });
    expect(places.map(({ id }) => id).sort()).toEqual([a.id, b.id]);
  });
});

describe("walking it by arrows", () => {
  const drawing = drawingOf("saves/facts", home);

  it("follows the lines", () => {
    expect(stepTo("ArrowLeft", "saves/facts", drawing)).toBe("models/base/b");
    expect(stepTo("ArrowDown", "models/base/b", drawing)).toBe("data/rows.jsonl");
    expect(stepTo("ArrowRight", "data/rows.jsonl", drawing)).toBe("saves/facts");
    expect(stepTo("ArrowRight", "models/adapters/facts-1.gguf", drawing)).toBe("served:facts");
  });

  it("stops at the ends", () => {
    expect(stepTo("ArrowLeft", "models/base/b", drawing)).toBeNull();
    expect(stepTo("ArrowUp", "models/base/b", drawing)).toBeNull();
    expect(stepTo("ArrowRight", "served:facts", drawing)).toBeNull();
    expect(stepTo("x", "saves/facts", drawing)).toBeNull();
  });
});
