import type { Job, Progress } from "@/client/types";
import { about, count } from "@/lib/format";

import classes from "./ProgressBar.module.css";

interface Props {
  /** What goes on, for those who listen. */
  what: string;
  /** 0 to 1; null: nobody knows how far it is. */
  share: number | null;
}

/** How far something is. Without a known end it only says that it goes on. */
export function ProgressBar({ what, share }: Props) {
  const percent = share === null ? undefined : Math.floor(100 * Math.min(1, Math.max(0, share)));
  return (
    <div
      className={classes.bar}
      role="progressbar"
      aria-label={what}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <div className={classes.done} data-unknown={share === null || undefined} style={{ width: `${percent ?? 100}%` }} />
    </div>
  );
}

/** The part of a job that is done, its steps counted alike; null before its first step has begun. */
export function shareOf(job: Pick<Job, "steps">): number | null {
  const { steps } = job;
  const done = steps.filter((step) => step.state === "succeeded").length;
  const running = steps.find((step) => step.state === "running");
  if (!running) return steps.length && done ? done / steps.length : null;
  const { progress } = running;
  if (!progress?.total) return steps.length > 1 && done ? done / steps.length : null;
  return (done + Math.min(1, progress.done / progress.total)) / steps.length;
}

/** "20 of 80 steps, about 10 min left" */
export function progressWords(progress: Progress | null | undefined): string {
  if (!progress) return "";
  const unit = progress.unit ? ` ${progress.unit}` : "";
  const done = progress.total ? `${count(progress.done)} of ${count(progress.total)}${unit}` : `${count(progress.done)}${unit}`;
  return progress.eta_seconds == null ? done : `${done}, ${about(progress.eta_seconds)} left`;
}
