import type { Estimate, Job, JobPlan, JobState, JobStep, Step } from "@/client/types";
import { duration } from "@/lib/format";

/** What users ask for, as the list names it. */
const KINDS: Record<string, string> = {
  train: "Training",
  release: "Release",
  import: "Import",
  toolbox: "Toolbox",
  demo: "Demo",
};

export const KNOWN_KINDS = Object.keys(KINDS);

export function kindName(kind: string): string {
  return KINDS[kind] ?? kind;
}

export const STATE_NAMES: Record<JobState, string> = {
  pending: "Waiting",
  running: "Running",
  succeeded: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

export function isOver(job: Pick<Job, "state">): boolean {
  return job.state !== "pending" && job.state !== "running";
}

/** The step a job is at: the one that runs, that failed, or that comes next. */
export function stepAt(job: Pick<Job, "steps">): JobStep | undefined {
  return job.steps.find((step) => step.state !== "succeeded") ?? job.steps.at(-1);
}

/** The step that ended a job that didn't succeed. */
export function failedStep(job: Pick<Job, "steps" | "state">): JobStep | undefined {
  return job.state === "failed" ? job.steps.find((step) => step.state === "failed") : undefined;
}

/** What can be done about a step that failed. `parity`: the job has a parity report to look at. */
export function remedyFor(step: Pick<JobStep, "name" | "reason">): string {
  switch (step.reason) {
    case "lost":
      return "Its processes are gone and left no exit status, as after a power cut or a restart of the machine. Retry goes on from this step; what the steps before it made is kept.";
    case "disk-full":
      return "Make room: System shows what takes it, and what can be cleaned. Then retry; it goes on from this step.";
    case "place-missing":
      return "The tool that this step runs in can’t be reached. System shows the toolboxes, and installs or repairs them. Then retry.";
    case "refused":
      return step.name === "parity"
        ? "Nothing was released. The parity report shows the first difference between what was trained and what would be served."
        : "The check said no; its last line says why.";
    default:
      return "The end of its log says why. Once that is mended, retry goes on from this step; what the steps before it made is kept.";
  }
}

/** What a cancel ends and what it loses, before it is done. `now`: in ms. */
export function costOfCancel(job: Job, now: number): string {
  const step = job.steps.find((each) => each.state === "running");
  if (!step) return "It leaves the queue. Nothing of it runs now.";
  const ran = step.started_at ? `, which has run for ${duration((now - Date.parse(step.started_at)) / 1000)},` : "";
  const kept = job.steps.filter((each) => each.state === "succeeded").length;
  const lost = job.kind === "train" ? "Checkpoints that it has saved stay in its folder; what came after the last one is lost." : "What this step has done so far is lost.";
  const before = kept === 1 ? "step" : `${kept} steps`;
  const stays = kept ? ` What the ${before} before it made stays, and a retry goes on from here.` : " A retry begins the step anew.";
  return `Ends the step “${step.name}”${ran} with all its processes. ${lost}${stays}`;
}

/** Jobs that wait or run in the same lane and came first: it is their turn before. */
export function aheadOf(job: Job, jobs: readonly Job[]): Job[] {
  return jobs.filter((each) => each.lane === job.lane && !each.ended_at && each.id !== job.id && each.created_at < job.created_at);
}

/** What all steps together are predicted to need. */
export function sumOf(steps: readonly Pick<Step, "estimate">[]): Estimate {
  const known = (pick: (estimate: Estimate) => number | null | undefined) =>
    steps.map(({ estimate }) => pick(estimate)).filter((value): value is number => value != null);
  const sum = (values: number[]) => (values.length ? values.reduce((a, b) => a + b, 0) : null);
  const memory = known((each) => each.memory_bytes);
  // A sum without one of its parts is no sum.
  const whole = (values: number[]) => (values.length === steps.length ? sum(values) : null);
  return {
    disk_bytes: sum(known((each) => each.disk_bytes)),
    memory_bytes: memory.length ? Math.max(...memory) : null,
    seconds: whole(known((each) => each.seconds)),
    seconds_low: whole(known((each) => each.seconds_low)),
    seconds_high: whole(known((each) => each.seconds_high)),
    basis: "",
  };
}

/** The last lines of a log as a terminal shows them: the last state of a progress bar, without colours. */
export function lastLines(log: string, most: number): string {
  const lines = log.split("\n").map((line) => line.replace(/\r+$/, "").split("\r").at(-1) ?? "");
  while (lines.at(-1)?.trim() === "") lines.pop();
  return lines.slice(-most).join("\n").replace(/\u001b\[[0-9;:?]*[a-zA-Z]/g, "");
}

/** The name that a release job made or would make, from what was asked for. */
export function requested(request: Record<string, unknown> | undefined, field: string): string | null {
  const value = request?.[field];
  return typeof value === "string" && value ? value : null;
}

const SAVES = "saves/";

/** The name of what a job makes: the one that was asked for, or, where a training’s was left empty, the one made for its run. */
export function madeName({ request, steps }: Pick<JobPlan, "request" | "steps">): string | null {
  const run = steps.find((step) => step.name === "train")?.outputs[0];
  const path = requested(run?.sidecar, "path");
  return requested(request, "name") ?? (path?.startsWith(SAVES) ? path.slice(SAVES.length) : null);
}
