import type { TrainingSetting } from "@/client/types";

export interface Group {
  title: string;
  /** How many stand beside each other where there is room. */
  columns: 2 | 3;
  settings: TrainingSetting[];
}

const GROUPS: { title: string; columns: 2 | 3; names: string[] }[] = [
  { title: "Model and data", columns: 2, names: ["base", "dataset", "name", "template"] },
  { title: "Method", columns: 3, names: ["finetuning", "rank", "alpha", "dropout"] },
  { title: "Length", columns: 3, names: ["epochs", "max_steps", "batch_size", "accumulation", "max_length", "packing"] },
  { title: "Learning", columns: 2, names: ["learning_rate", "eval_split", "seed", "device"] },
];

/** The settings that most people touch, by what they are about; all others under "More", also those that this page doesn't know. */
export function grouped(settings: readonly TrainingSetting[]): { common: Group[]; more: TrainingSetting[] } {
  const known = new Map(settings.map((setting) => [setting.name, setting]));
  const common = GROUPS.map(({ title, columns, names }) => ({ title, columns, settings: names.flatMap((name) => known.get(name) ?? []) }));
  const taken = new Set(GROUPS.flatMap(({ names }) => names));
  return { common, more: settings.filter(({ name }) => !taken.has(name)) };
}

const LABELS: Record<string, string> = {
  base: "Base model",
  dataset: "Data sets",
  finetuning: "Method",
  template: "Chat template",
  max_steps: "Steps",
  batch_size: "Batch size",
  accumulation: "Accumulation",
  max_length: "Longest row",
  learning_rate: "Learning rate",
  eval_split: "Held-out share",
  targets: "Adapted layers",
  rslora: "Rank-stabilised LoRA",
  neftune: "NEFTune noise",
  max_grad_norm: "Greatest gradient norm",
  quantization_bit: "Base in few bits",
  report_to: "Curves go to",
  extra: "LLaMA-Factory’s own keys",
};

const CHOICES: Record<string, string> = { lora: "LoRA", qlora: "QLoRA", dora: "DoRA", full: "Full" };

/** A choice as its tool's people write it. */
export function choiceWord(choice: string): string {
  return CHOICES[choice] ?? choice.replaceAll("_", " ");
}

/** "Warmup ratio" of warmup_ratio. */
export function labelOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return LABELS[name] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** Settings of LoRA's matrices mean nothing where every weight is trained. */
const LORA_ONLY = new Set(["rank", "alpha", "dropout", "targets", "rslora"]);

/** Whether another setting takes this one its meaning. */
export function isIdle(name: string, shown: (name: string) => unknown): boolean {
  if (name === "epochs") return shown("max_steps") !== "";
  return LORA_ONLY.has(name) && shown("finetuning") === "full";
}
