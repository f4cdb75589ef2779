import type { Metric } from "@/client/columns";

export const METRIC_WORDS: Record<Metric, string> = {
  loss: "Loss",
  eval_loss: "Evaluation loss",
  lr: "Learning rate",
  grad_norm: "Gradient norm",
  tokens_per_second: "Tokens/s",
};

/** Where it has no points: why that may be so. */
export const METRIC_NOTHING: Record<Metric, string> = {
  loss: "No loss was logged yet.",
  eval_loss: "Nothing was evaluated: no rows were held out, or its first evaluation is still to come.",
  lr: "No learning rate was logged yet.",
  grad_norm: "Gradient norms come with the first checkpoint, at the latest with the end.",
  tokens_per_second: "No speed was logged.",
};
