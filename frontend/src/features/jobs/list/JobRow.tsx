import { Link } from "@tanstack/react-router";
import { memo } from "react";

import type { Job } from "@/client/types";
import { ProgressBar, progressWords, shareOf } from "@/components/progress/ProgressBar";
import { JobBadge } from "@/components/state/State";
import { Time, Took } from "@/components/Time";

import { failedStep, isOver, kindName, stepAt } from "../words";
import classes from "./JobTable.module.css";

/** Memoized: rows that stay in sight while the list is scrolled cost nothing. */
export const JobRow = memo(function JobRow({ job, index, height }: { job: Job; index: number; height: number }) {
  const why = failedStep(job)?.message || job.holds || "";
  return (
    <tr className={classes.row} style={{ height }} aria-rowindex={index + 2}>
      <td className={classes.state}>
        <JobBadge job={job} />
      </td>
      <td className={classes.job}>
        <Link to="/jobs/$id" params={{ id: job.id }} className={classes.title} title={job.title}>
          <bdi>{job.title}</bdi>
        </Link>
        {why && (
          <span className={classes.why} title={why}>
            <bdi>{why}</bdi>
          </span>
        )}
      </td>
      <td className={classes.kind}>{kindName(job.kind)}</td>
      <td className={classes.progress}>
        <Progress job={job} />
      </td>
      <td className={classes.took}>
        <Took from={job.started_at} to={job.ended_at} />
      </td>
      <td className={classes.when}>
        <Time at={job.created_at} />
      </td>
    </tr>
  );
});

/** How far it is: of a running job its step and that step's progress, of one that is over the steps that were done. */
function Progress({ job }: { job: Job }) {
  const done = job.steps.filter((step) => step.state === "succeeded").length;
  const count = `${done}/${job.steps.length}`;
  if (isOver(job)) return job.state === "succeeded" ? null : <span className={classes.dim}>{`${count} steps done`}</span>;
  if (job.state === "pending") return null;
  const step = stepAt(job);
  const words = [step?.name, progressWords(step?.progress)].filter(Boolean).join(": ");
  return (
    <span className={classes.going} title={words}>
      <ProgressBar what={`Progress of ${job.title}`} share={shareOf(job)} />
      <span className={classes.words}>
        {job.steps.length > 1 && `${Math.min(done + 1, job.steps.length)}/${job.steps.length} `}
        {words}
      </span>
    </span>
  );
}
