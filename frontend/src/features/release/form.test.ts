import { describe, expect, it } from "vitest";

import type { Artifact, Served } from "@/client/types";

import { adapterChoices, formAt, nameFor, NEW, parseForm, requestOf, takenBy, withAdapter } from "./form";

describe("a form", () => {
  it("bears whatever was kept", () => {
    expect(parseForm({ engine: "vllm", way: 3, name: ["x"], quantisation: "", system: "Be brief.", base: null })).toEqual({
      ...NEW,
      system: "Be brief.",
    });
  });

  it("takes another adapter's own base, template, way and name, and keeps the rest", () => {
    const kept = { ...NEW, adapter: "saves/a", name: "a", base: "models/base/x", template: "qwen", way: "merge" as const, system: "s" };
    expect(formAt(kept, { adapter: "saves/b" })).toEqual({ ...NEW, adapter: "saves/b", name: "b", system: "s" });
    expect(formAt(kept, { adapter: "saves/a" })).toBe(kept);
    expect(formAt(kept, {})).toBe(kept);
    expect(formAt(kept, { name: "facts" }).name).toBe("facts");
  });

  it("never changes a name that was typed", () => {
    expect(withAdapter({ ...NEW, adapter: "saves/a", name: "mine" }, "saves/b").name).toBe("mine");
  });

  it("is no request without an adapter or with a name that can't be", () => {
    expect(requestOf({ ...NEW, name: "facts" })).toBeNull();
    expect(requestOf({ ...NEW, adapter: "saves/a", name: "Facts!" })).toBeNull();
    expect(requestOf({ ...NEW, adapter: "saves/a", name: "facts", system: " \n" })?.system).toBeNull();
  });
});

it("names a release by its run", () => {
  expect(nameFor("saves/demo-20")).toBe("demo-20");
  expect(nameFor("saves/demo-20/checkpoint-40")).toBe("demo-20-40");
  expect(nameFor("saves/Llama-3/lora/train_2026-01-02")).toBe("train_2026-01-02");
  expect(nameFor("saves/Ünïcode 😀")).toBe("n-code");
  expect(nameFor("")).toBe("");
});

it("says what a taken name becomes", () => {
  const served = [{ name: "facts", current: 2, releases: [{ number: 1 }, { number: 3 }] }] as Served[];
  expect(takenBy("facts", served)).toBe("This becomes release 4 of facts. It stands for release 2 until this one is proven.");
  expect(takenBy("fact", served)).toBeNull();
});

it("lists checkpoints under their run, and what changed last first", () => {
  const adapter = (id: string, run: string | null, checkpoint: number | null, day: number): Artifact =>
    ({ id, run, checkpoint, kind: "adapter", name: id, modified_at: `2026-01-0${day}` }) as Artifact;
  const found = adapterChoices([
    adapter("saves/old", "old", null, 1),
    adapter("saves/new/checkpoint-9", "new", 9, 2),
    adapter("saves/new", "new", null, 3),
    adapter("saves/new/checkpoint-10", "new", 10, 2),
    { id: "models/base/b", kind: "base" } as Artifact,
  ]);
  expect(found.map((each) => each.label)).toEqual(["new", "new · step 10", "new · step 9", "old"]);
});
