import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { liveJobs } from "@/client/queries/jobs";
import type { Job } from "@/client/types";
import { jobLook } from "@/components/state/State";
import { Took } from "@/components/Time";

import classes from "./RunningJob.module.css";

/** The job that runs now, always in sight; of several the oldest, with how many more there are. */
export function RunningJob() {
  const { data: jobs = [] } = useQuery(liveJobs);
  const active = jobs.filter((job) => !job.ended_at);
  const job = active.findLast((each) => each.state === "running") ?? active.at(-1);
  if (!job) return null;
  const look = jobLook(job);
  return (
    <div className={classes.job} data-tone={look.tone}>
      <Link to="/jobs/$id" params={{ id: job.id }} className={classes.title} title={`${job.title}: ${look.word}`}>
        <span className={classes.dot} aria-hidden />
        <span className={classes.words}>{job.title}</span>
        <span className="figures">{stepCount(job)}</span>
        {job.started_at && (
          <span className={`figures ${classes.time}`}>
            <Took from={job.started_at} to={job.ended_at} />
          </span>
        )}
      </Link>
      {active.length > 1 && (
        <Link to="/jobs" search={{ state: ["pending", "running"] }} className={classes.more}>
          +{active.length - 1}
          <span className="spoken"> more jobs</span>
        </Link>
      )}
    </div>
  );
}

/** "2/5": the step it is at; with one step only, how far that one is. */
function stepCount(job: Job): string {
  const at = job.steps.findIndex((step) => step.state === "running");
  const progress = job.steps[at]?.progress;
  if (job.steps.length > 1) return `${Math.max(0, at) + 1}/${job.steps.length}`;
  return progress?.total ? `${Math.floor((100 * progress.done) / progress.total)} %` : "";
}
