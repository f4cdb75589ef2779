import type { Columns } from "@/client/columns";
import type { Run } from "@/client/types";

import type { Sort } from "./search";

/** The runs in which every word of `q` occurs: in the name, the base, the data sets, or in who made it. */
export function filtered(runs: readonly Run[], q: string): Run[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [...runs];
  return runs.filter((run) => {
    const text = [run.name, run.base, ...run.datasets, maker(run)].join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** As the API has them, newest first; or by `sort`, with what isn't known last. */
export function sorted(runs: readonly Run[], sort: Sort | undefined): Run[] {
  if (sort === undefined) return [...runs];
  if (sort === "name") return [...runs].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  if (sort === "loss") return [...runs].sort((a, b) => (a.loss ?? Infinity) - (b.loss ?? Infinity) || 0);
  return [...runs].sort((a, b) => (b.step ?? -1) - (a.step ?? -1));
}

/** Trainings that weren't started here are LlamaBoard's, or were started by hand. */
export function maker(run: Pick<Run, "made_outside">): string {
  return run.made_outside ? "outside" : "Tunesmith";
}

/** A model's last folder: "smollm2-135m-instruct" of "models/base/smollm2-135m-instruct". */
export function shortName(id: string | null | undefined): string {
  return id?.split("/").filter(Boolean).at(-1) ?? "–";
}

/** Step and loss as the curve's last point says them: the list of runs is read at another moment, and one screen says one thing. */
export function asDrawn(run: Run, columns: Columns | undefined): Run {
  const step = columns?.step.at(-1);
  if (!columns || step === undefined) return run;
  const loss = columns.metrics.loss.findLast((value) => value !== null);
  return { ...run, step, loss: loss ?? run.loss, total_steps: columns.totalSteps ?? run.total_steps };
}

/** Seconds that a training has still to go, from what its steps took so far; null when it can't be told. */
export function remaining(run: Pick<Run, "step" | "total_steps">, elapsed: number | null | undefined): number | null {
  const { step, total_steps: total } = run;
  if (!step || !total || elapsed == null || total <= step) return null;
  return (elapsed / step) * (total - step);
}
