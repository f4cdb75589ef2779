import { describe, expect, it } from "vitest";

import { artifact, deployment, release, served, small } from "./made";
import { treeOf, type TreeNode } from "./tree";

/** A tree as lines, two spaces a level. */
function drawn(nodes: TreeNode[], indent = ""): string[] {
  return nodes.flatMap((node) => [`${indent}${node.kind} ${node.name}`, ...drawn(node.children, `${indent}  `)]);
}

function at(nodes: TreeNode[], key: string): TreeNode | undefined {
  return nodes.find((node) => node.key === key) ?? nodes.map(({ children }) => at(children, key)).find(Boolean);
}

const none = { served: [], deployments: [] };

describe("the tree of models", () => {
  it("puts each thing once below what it was made from", () => {
    expect(drawn(treeOf(small()))).toEqual([
      "base b",
      "  served b",
      "  adapter facts",
      "    served facts",
      "    merged facts-1",
      "      gguf facts-1-q8_0",
      "    gguf-adapter facts-1",
      "    checkpoint checkpoint-10",
      "    checkpoint checkpoint-9",
      "  gguf b-q8_0",
    ]);
  });

  it("adds sizes up, each file once", () => {
    const roots = treeOf(small());
    expect(roots[0]?.total).toBe(500 + 10 + 20 + 20 + 500 + 250 + 250 + 5);
    expect(at(roots, "saves/facts")).toMatchObject({ bytes: 10, total: 805, below: 6 });
    expect(at(roots, "served:facts")).toMatchObject({ bytes: null, total: 0 });
  });

  it("has checkpoints below their run while no adapter is finished", () => {
    const base = artifact("models/base/b", "base");
    const point = artifact("saves/r/checkpoint-5", "adapter", { base: base.id, run: "r", checkpoint: 5 });
    expect(drawn(treeOf({ ...none, artifacts: [base, point] }))).toEqual(["base b", "  run r", "    checkpoint checkpoint-5"]);
  });

  it("finds the base that another tool names as the hub does", () => {
    const base = artifact("models/base/mine", "base", { from: [] });
    if (base.lineage) base.lineage.recipe = { source: "hub HuggingFaceTB/SmolLM2@main" };
    const outside = artifact("saves/SmolLM2/lora/x", "adapter", { base: "HuggingFaceTB/SmolLM2", run: "SmolLM2/lora/x" });
    expect(drawn(treeOf({ ...none, artifacts: [base, outside] }))).toEqual(["base mine", "  adapter x"]);
  });

  it("names the base that isn't here, and keeps apart what has none", () => {
    const orphan = artifact("saves/o", "adapter", { base: "meta/Llama", run: "o" });
    const foundling = artifact("models/gguf/x.gguf", "gguf");
    const roots = treeOf({ ...none, artifacts: [orphan, foundling] });
    expect(drawn(roots)).toEqual(["group Base unknown", "  gguf x", "group Llama", "  adapter o"]);
    expect(roots[1]?.note).toBe("its base isn’t here: meta/Llama");
  });

  it("keeps a served name whose adapter is gone, below its base", () => {
    const base = artifact("models/base/b", "base");
    const name = served("facts", [release("facts", 3, { adapter: "saves/gone" })], 3);
    expect(drawn(treeOf({ artifacts: [base], served: [name], deployments: [] }))).toEqual(["base b", "  served facts"]);
  });

  it("shows the state of the engine that serves the current release", () => {
    const name = served("facts", [release("facts", 1), release("facts", 2, { engine: "ollama" })], 2);
    const stopped = deployment("facts", { release: 1, state: "stopped" });
    const ready = deployment("facts", { release: 2, engine: "ollama" });
    const roots = treeOf({ artifacts: [], served: [name], deployments: [stopped, ready] });
    expect(at(roots, "served:facts")?.deployment).toBe(ready);
  });

  it("has models that were made on Ollama by hand under a heading of their own, outside of the sum", () => {
    const hand = deployment("llama3:8b", { engine: "ollama", release: null, made_outside: true, bytes: 5e9, base: "llama" });
    const roots = treeOf({ artifacts: [artifact("models/base/b", "base")], served: [], deployments: [hand] });
    expect(drawn(roots)).toEqual(["base b", "group On Ollama, made elsewhere", "  served llama3:8b"]);
    expect(roots.map(({ total }) => total)).toEqual([1000, 0]);
  });

  it("ends when records say that two things were made from each other, or a thing from itself", () => {
    const a = artifact("models/merged/a", "merged", { from: ["models/merged/b"] });
    const b = artifact("models/merged/b", "merged", { from: ["models/merged/a"] });
    const self = artifact("models/merged/c", "merged", { from: ["models/merged/c"] });
    const roots = treeOf({ ...none, artifacts: [a, b, self] });
    const lines = drawn(roots).map((line) => line.trim());
    for (const name of ["merged a", "merged b", "merged c"]) expect(lines.filter((line) => line === name)).toHaveLength(1);
  });

  it("takes 10,000 artifacts, each once", () => {
    const bases = Array.from({ length: 10 }, (_, i) => artifact(`models/base/b${i}`, "base"));
    const runs = Array.from({ length: 2_500 }, (_, i) => {
      const base = `models/base/b${i % 10}`;
      const id = `saves/r${i}`;
      return [
        artifact(id, "adapter", { base, run: `r${i}`, from: [base] }),
        artifact(`${id}/checkpoint-1`, "adapter", { base, run: `r${i}`, checkpoint: 1 }),
        artifact(`models/merged/r${i}`, "merged", { base, from: [id, base] }),
        artifact(`models/gguf/r${i}.gguf`, "gguf", { from: [`models/merged/r${i}`] }),
      ];
    }).flat();
    const roots = treeOf({ ...none, artifacts: [...bases, ...runs] });
    expect(roots.map(({ below }) => below)).toEqual(Array.from({ length: 10 }, () => 1000));
    expect(roots.reduce((sum, { total }) => sum + total, 0)).toBe(10_010 * 1000);
  });
});
