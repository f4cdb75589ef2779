import { expect, it } from "vitest";

import { append, NOTHING } from "@/client/columns";
import type { Run } from "@/client/types";

import { asDrawn, filtered, remaining, shortName, sorted } from "./runs";

const run = (name: string, more: Partial<Run> = {}): Run => ({
  name,
  path: `saves/${name}`,
  made_outside: false,
  checkpoints: [],
  datasets: [],
  modified_at: "2026-03-01T12:00:00Z",
  ...more,
});
const names = (runs: Run[]) => runs.map(({ name }) => name);

it("a filter's words are looked for in all that a row shows", () => {
  const runs = [run("facts-r16", { base: "models/base/Qwen2", datasets: ["lamps"] }), run("Custom/lora/train_1", { made_outside: true })];
  expect(names(filtered(runs, ""))).toEqual(["facts-r16", "Custom/lora/train_1"]);
  expect(names(filtered(runs, "  qwen LAMPS "))).toEqual(["facts-r16"]);
  expect(names(filtered(runs, "outside lora"))).toEqual(["Custom/lora/train_1"]);
  expect(filtered(runs, "qwen outside")).toEqual([]);
});

it("what isn't known stands last", () => {
  const runs = [run("run10", { loss: null }), run("run9", { loss: 0.5, step: 3 }), run("run2", { loss: 0.1, step: 90 })];
  expect(names(sorted(runs, undefined))).toEqual(["run10", "run9", "run2"]);
  expect(names(sorted(runs, "name"))).toEqual(["run2", "run9", "run10"]);
  expect(names(sorted(runs, "loss"))).toEqual(["run2", "run9", "run10"]);
  expect(names(sorted(runs, "step"))).toEqual(["run2", "run9", "run10"]);
});

it("what is left follows from what was done", () => {
  expect(remaining({ step: 20, total_steps: 80 }, 100)).toBe(300);
  expect(remaining({ step: 80, total_steps: 80 }, 100)).toBeNull();
  expect(remaining({ step: null, total_steps: 80 }, 100)).toBeNull();
  expect(remaining({ step: 20, total_steps: 80 }, null)).toBeNull();
});

it("a model is called by its folder", () => {
  expect([shortName("models/base/tiny"), shortName("Qwen/Qwen2.5"), shortName(null)]).toEqual(["tiny", "Qwen2.5", "–"]);
});

it("step and loss are those of the curve's last point, also where its last line tells no loss", () => {
  const nothing = [null, null];
  const columns = append(NOTHING, {
    start: 0,
    offset: 100,
    step: [40, 41],
    total_steps: 80,
    epoch: nothing,
    elapsed_seconds: nothing,
    loss: [0.5, null],
    eval_loss: [null, 0.7],
    lr: nothing,
    grad_norm: nothing,
    tokens_per_second: nothing,
  });
  for (const listed of [39, 42]) {
    expect(asDrawn(run("a", { step: listed, loss: 0.9 }), columns)).toMatchObject({ name: "a", step: 41, total_steps: 80, loss: 0.5 });
  }
  expect(asDrawn(run("a", { step: 39 }), undefined).step).toBe(39);
  expect(asDrawn(run("a", { step: 39 }), NOTHING).step).toBe(39);
});
