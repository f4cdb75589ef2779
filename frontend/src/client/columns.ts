import type { components } from "./schema";

/** What the API answers: one entry a line of the trainer's log, in its order. */
export type ColumnsAnswer = components["schemas"]["Columns"];

export const METRICS = ["loss", "eval_loss", "lr", "grad_norm", "tokens_per_second"] as const;
export type Metric = (typeof METRICS)[number];

export type Column = (number | null)[];

/** A run's metrics, one entry a step. */
export interface Columns {
  step: number[];
  epoch: Column;
  elapsed: Column;
  metrics: Record<Metric, Column>;
  totalSteps: number | null;
  /** Byte of the log up to which it was read. */
  offset: number;
  /** Added to the trainer's own clock, which begins anew when a training goes on from a checkpoint. */
  shift: number;
}

export const NOTHING: Columns = {
  step: [],
  epoch: [],
  elapsed: [],
  metrics: { loss: [], eval_loss: [], lr: [], grad_norm: [], tokens_per_second: [] },
  totalSteps: null,
  offset: 0,
  shift: 0,
};

/**
 * `before` with what the log says after it; `before` itself when it says nothing new. Lines of the same step (a loss, then
 * its evaluation) become one entry. A step that is smaller than one before was trained again from a checkpoint: what was
 * told of it and of those behind it counts no more, as in TensorBoard.
 */
export function append(before: Columns, answer: ColumnsAnswer): Columns {
  const begun = answer.start === before.offset ? before : NOTHING;
  const steps = answer.step;
  if (begun === before && steps.length === 0 && answer.offset === before.offset) return before;
  const next = copyOf(begun);
  next.offset = answer.offset;
  next.totalSteps = answer.total_steps ?? next.totalSteps;
  steps.forEach((step, line) => take(next, answer, step, line));
  return next;
}

function take(into: Columns, answer: ColumnsAnswer, step: number, line: number): void {
  while (lastOf(into.step, Infinity) > step && into.step.length) cutLast(into);
  const elapsed = answer.elapsed_seconds[line] ?? null;
  if (lastOf(into.step, -1) !== step) {
    into.step.push(step);
    into.epoch.push(null);
    into.elapsed.push(null);
    for (const metric of METRICS) into.metrics[metric].push(null);
  }
  const at = into.step.length - 1;
  into.epoch[at] = answer.epoch[line] ?? into.epoch[at] ?? null;
  if (elapsed !== null) {
    const earlier = lastKnown(into.elapsed, at - 1);
    if (elapsed + into.shift < earlier) into.shift = earlier;
    into.elapsed[at] = elapsed + into.shift;
  }
  for (const metric of METRICS) into.metrics[metric][at] = answer[metric][line] ?? into.metrics[metric][at] ?? null;
}

function cutLast(columns: Columns): void {
  columns.step.pop();
  columns.epoch.pop();
  columns.elapsed.pop();
  for (const metric of METRICS) columns.metrics[metric].pop();
}

function copyOf(columns: Columns): Columns {
  const { loss, eval_loss, lr, grad_norm, tokens_per_second } = columns.metrics;
  return {
    ...columns,
    step: [...columns.step],
    epoch: [...columns.epoch],
    elapsed: [...columns.elapsed],
    metrics: {
      loss: [...loss],
      eval_loss: [...eval_loss],
      lr: [...lr],
      grad_norm: [...grad_norm],
      tokens_per_second: [...tokens_per_second],
    },
  };
}

const lastOf = (values: number[], otherwise: number) => values.at(-1) ?? otherwise;

function lastKnown(column: Column, from: number): number {
  for (let at = from; at >= 0; at -= 1) {
    const value = column[at];
    if (value != null) return value;
  }
  return 0;
}
