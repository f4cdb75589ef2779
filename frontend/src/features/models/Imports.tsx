import "@mantine/core/styles/Progress.layer.css";

import { Progress } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { liveJobs } from "@/client/queries/jobs";
import type { Job } from "@/client/types";
import { JobBadge } from "@/components/state/State";
import { useNow } from "@/lib/useNow";

import classes from "./Imports.module.css";

/** A failed import stays in sight for a while, so that nobody waits for it. */
const FAILED_SHOWN_MS = 10 * 60_000;

/** Base models on their way: each with its progress and its job. */
export function Imports() {
  const { data: jobs = [] } = useQuery(liveJobs);
  const now = useNow();
  const shown = jobs.filter((job) => job.kind === "import" && isNews(job, now));
  return (
    <div aria-live="polite" className={classes.imports} hidden={shown.length === 0}>
      {shown.map((job) => (
        <Link key={job.id} to="/jobs/$id" params={{ id: job.id }} className={classes.import}>
          <span className={classes.title} dir="auto">
            {job.title}
          </span>
          <JobBadge job={job} />
          <Bar job={job} />
        </Link>
      ))}
    </div>
  );
}

export function isNews(job: Pick<Job, "state" | "ended_at">, now: number): boolean {
  if (!job.ended_at) return true;
  return job.state === "failed" && now - Date.parse(job.ended_at) < FAILED_SHOWN_MS;
}

function Bar({ job }: { job: Job }) {
  const at = job.steps.findIndex(({ state }) => state === "running");
  const progress = job.steps[at]?.progress;
  if (job.ended_at || !progress?.total) return null;
  const done = Math.floor((100 * progress.done) / progress.total);
  return (
    <>
      <Progress value={done} aria-label={`Progress of ${job.title}`} className={classes.bar} />
      <span className="figures">{done} %</span>
    </>
  );
}
