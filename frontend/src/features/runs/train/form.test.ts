import { describe, expect, it } from "vitest";

import type { TrainingSetting } from "@/client/types";

import { freeName, parseValues, requestOf, shown, valuesOf, wrongFields } from "./form";
import { grouped, isIdle, labelOf } from "./groups";

const setting = (name: string, control: TrainingSetting["control"], more: Partial<TrainingSetting> = {}): TrainingSetting => ({
  name,
  control,
  description: "",
  required: false,
  choices: [],
  default: null,
  ...more,
});

const SETTINGS = [
  setting("base", "text", { required: true }),
  setting("dataset", "words", { required: true }),
  setting("rank", "whole", { default: 16 }),
  setting("learning_rate", "number", { default: 0.0002 }),
  setting("packing", "switch", { default: false }),
  setting("gradient_checkpointing", "switch", { default: true }),
  setting("quantization_bit", "choice", { choices: [4, 8] }),
  setting("targets", "words", { default: ["all"] }),
  setting("report_to", "choices", { choices: ["tensorboard", "wandb"], default: ["tensorboard"] }),
  setting("extra", "keys", { default: {} }),
];

describe("a form as a request", () => {
  it("has what was set, in the API's types", () => {
    const values = {
      base: " models/base/a ",
      dataset: ["x", "y"],
      rank: "8",
      learning_rate: "0,001",
      packing: true,
      quantization_bit: "4",
      targets: ["q_proj", "v_proj"],
      report_to: [],
    };
    expect(requestOf(SETTINGS, values)).toEqual({
      base: "models/base/a",
      dataset: ["x", "y"],
      rank: 8,
      learning_rate: 0.001,
      packing: true,
      quantization_bit: 4,
      targets: ["q_proj", "v_proj"],
      report_to: [],
    });
  });

  it("leaves out what is empty, at its default, or has no setting", () => {
    const values = { rank: "16", learning_rate: "2e-4", gradient_checkpointing: true, dataset: [], base: "", targets: ["all"], old: "x" };
    expect(requestOf(SETTINGS, values)).toEqual({});
  });

  it("sends what is no number as it was typed: the API says what is wrong", () => {
    expect(requestOf(SETTINGS, { rank: "many", learning_rate: "1e999" })).toEqual({ rank: "many", learning_rate: "1e999" });
  });

  it("reads keys of LLaMA-Factory line by line", () => {
    const extra = 'warmup_steps: 4\nneat_packing: true\noptim: adamw_torch\nrope: {"a": [1]}\n\n';
    expect(requestOf(SETTINGS, { extra })).toEqual({
      extra: { warmup_steps: 4, neat_packing: true, optim: "adamw_torch", rope: { a: [1] } },
    });
    expect(requestOf(SETTINGS, { extra: "warmup" })).toEqual({ extra: "warmup" });
  });
});

describe("an earlier run's settings", () => {
  const config = {
    base: "models/base/a",
    dataset: ["x"],
    rank: 8,
    learning_rate: 0.00001,
    packing: true,
    quantization_bit: 8,
    report_to: [],
    targets: ["q_proj"],
    extra: { warmup_steps: 4, optim: "adamw", version: "4", note: "" },
  };

  it("come through the form as they were", () => {
    expect(requestOf(SETTINGS, valuesOf(SETTINGS, config))).toEqual(config);
  });

  it("stand in the fields as a person reads them, and only where they aren't the default", () => {
    const values = valuesOf(SETTINGS, { ...config, rank: 16, gradient_checkpointing: true, unknown: 1 });
    expect(values.learning_rate).toBe("0.00001");
    expect(Object.keys(values)).not.toContain("rank");
    expect(Object.keys(values)).not.toContain("gradient_checkpointing");
    expect(Object.keys(values)).not.toContain("unknown");
  });
});

it("a field shows what was set, else its default", () => {
  const [, dataset, rank, rate, packing] = SETTINGS;
  const at = (one: TrainingSetting | undefined, values = {}) => one && shown(one, values);
  expect([at(dataset), at(rank), at(rate), at(packing)]).toEqual([[], "16", "0.0002", false]);
  expect(at(rank, { rank: "" })).toBe("");
});

it("whatever was stored becomes a form", () => {
  expect(parseValues({ rank: "8", packing: true, dataset: ["x", 1], n: 3, o: {}, z: null })).toEqual({
    rank: "8",
    packing: true,
    dataset: ["x", "1"],
  });
});

it("what a problem points at stands beside its field", () => {
  expect(wrongFields([{ where: "rank", message: "a" }, { where: "body.epochs", message: "b" }])).toEqual({ rank: "a", epochs: "b" });
});

it("a name that is taken gets the next number", () => {
  expect(freeName("facts", new Set())).toBe("facts");
  expect(freeName("facts", new Set(["facts", "facts-2"]))).toBe("facts-3");
  expect(freeName("facts-2", new Set(["facts", "facts-2"]))).toBe("facts-3");
  expect(freeName("demo-20", new Set(["demo-20", "demo-21"]))).toBe("demo-22");
});

it("settings that no group has stand under More, also new ones", () => {
  const { common, more } = grouped([...SETTINGS, setting("brand_new", "text")]);
  expect(common.find(({ title }) => title === "Method")?.settings.map(({ name }) => name)).toEqual(["rank"]);
  expect(more.map(({ name }) => name)).toEqual(["gradient_checkpointing", "quantization_bit", "targets", "report_to", "extra", "brand_new"]);
  expect([labelOf("brand_new"), labelOf("base")]).toEqual(["Brand new", "Base model"]);
});

it("settings are idle where another one takes their meaning", () => {
  const at = (finetuning: string, max_steps: string) => (name: string) => ({ finetuning, max_steps })[name];
  expect([isIdle("rank", at("full", "")), isIdle("rank", at("dora", "")), isIdle("epochs", at("full", ""))]).toEqual([true, false, false]);
  expect(isIdle("epochs", at("lora", "20"))).toBe(true);
});
