import type { Job } from "@/client/types";

/** How long a failure is news. */
const NEWS_MS = 3 * 86_400_000;
const SHOWN = 4;

/** Jobs that run or wait: running ones first, each group the oldest first. */
export function active(jobs: Job[]): Job[] {
  const rank = (job: Job) => (job.state === "running" ? 0 : 1);
  return jobs.filter((job) => !job.ended_at).sort((a, b) => rank(a) - rank(b) || (a.created_at < b.created_at ? -1 : 1));
}

/** What failed of late and wasn't mended since: the same thing asked for again that went well makes it old news. */
export function failedLately(jobs: Job[], now: number): Job[] {
  const mended = (job: Job) =>
    jobs.some((other) => other.state === "succeeded" && other.title === job.title && other.created_at > job.created_at);
  return jobs
    .filter((job) => job.state === "failed" && job.ended_at && now - Date.parse(job.ended_at) < NEWS_MS && !mended(job))
    .sort((a, b) => ((a.ended_at ?? "") < (b.ended_at ?? "") ? 1 : -1))
    .slice(0, SHOWN);
}

/** The job that ended last and well. */
export function lastDone(jobs: Job[]): Job | undefined {
  return jobs
    .filter((job) => job.state === "succeeded" && job.ended_at)
    .sort((a, b) => ((a.ended_at ?? "") < (b.ended_at ?? "") ? 1 : -1))[0];
}

/** Why a job failed, from the step at which it did. */
export function failure(job: Job): { step: string; message: string } | null {
  const step = job.steps.find((each) => each.state === "failed");
  return step ? { step: step.name, message: step.message } : null;
}
