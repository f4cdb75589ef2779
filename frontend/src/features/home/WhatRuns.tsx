import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { liveJobs } from "@/client/queries/jobs";
import type { Job } from "@/client/types";
import { Section } from "@/components/page/Page";
import { ProgressBar, progressWords, shareOf } from "@/components/progress/ProgressBar";
import { JobBadge, jobLook } from "@/components/state/State";
import { Time, Took } from "@/components/Time";
import { useNow } from "@/lib/useNow";

import classes from "./Home.module.css";
import { active, failedLately, failure, lastDone } from "./lately";

/** Jobs under way, and those that failed of late. */
export function WhatRuns() {
  const { data: jobs } = useQuery(liveJobs);
  const now = Math.floor(useNow() / 60_000) * 60_000;
  if (!jobs) {
    return (
      <Section title="What runs?">
        <Skeleton height={64} />
      </Section>
    );
  }
  const running = active(jobs);
  const failed = failedLately(jobs, now);
  return (
    <Section title="What runs?" aside={<Link to="/jobs">All jobs</Link>}>
      {running.length === 0 && <Nothing jobs={jobs} />}
      {(running.length > 0 || failed.length > 0) && (
        <ul className={classes.jobs}>
          {running.map((job) => (
            <Running key={job.id} job={job} />
          ))}
          {failed.map((job) => (
            <Failed key={job.id} job={job} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Nothing({ jobs }: { jobs: Job[] }) {
  const last = lastDone(jobs);
  return (
    <p className={classes.quiet}>
      Nothing runs.{" "}
      {last && (
        <>
          The last that was done: <JobLink job={last} />, <Time at={last.ended_at} />.
        </>
      )}
    </p>
  );
}

function JobLink({ job }: { job: Job }) {
  return (
    <Link to="/jobs/$id" params={{ id: job.id }} className={classes.jobTitle} dir="auto">
      {job.title}
    </Link>
  );
}

function Running({ job }: { job: Job }) {
  const step = job.steps.find((each) => each.state === "running");
  const at = step ? job.steps.indexOf(step) + 1 : 0;
  const words = [
    step && (job.steps.length > 1 ? `step ${at} of ${job.steps.length}: ${step.name}` : step.name),
    progressWords(step?.progress),
    step?.progress?.note,
  ];
  return (
    <li className={classes.job}>
      <div className={classes.jobHead}>
        <JobLink job={job} />
        <JobBadge job={job} />
        {job.started_at && (
          <span className={`figures ${classes.dim}`}>
            <span className="spoken">for </span>
            <Took from={job.started_at} to={null} />
          </span>
        )}
      </div>
      <ProgressBar what={`${job.title}, ${jobLook(job).word}`} share={shareOf(job)} />
      <span className={`figures ${classes.dim}`}>{job.holds ?? words.filter(Boolean).join(" · ")}</span>
    </li>
  );
}

function Failed({ job }: { job: Job }) {
  const at = failure(job);
  return (
    <li className={classes.job}>
      <div className={classes.jobHead}>
        <JobLink job={job} />
        <JobBadge job={job} />
        <span className={classes.dim}>
          <Time at={job.ended_at} />
        </span>
      </div>
      {at && (
        <span className={classes.dim} dir="auto">
          {at.step}
          {at.message && `: ${at.message}`}
        </span>
      )}
    </li>
  );
}
