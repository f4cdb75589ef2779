import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { liveJobs } from "@/client/queries/jobs";
import { ProgressBar, progressWords, shareOf } from "@/components/progress/ProgressBar";
import { JobBadge, jobLook } from "@/components/state/State";

import classes from "./System.module.css";

/** A job that was started from here: how far it is, and the way to its page. */
export function JobNote({ id, title }: { id: string; title: string }) {
  const { data: jobs } = useQuery(liveJobs);
  const job = jobs?.find((each) => each.id === id);
  const step = job?.steps.find((each) => each.state === "running");
  return (
    <div className={classes.job}>
      <div className={classes.jobHead}>
        <Link to="/jobs/$id" params={{ id }}>
          {title}
        </Link>
        {job && <JobBadge job={job} />}
        <span className={`figures ${classes.dim}`}>
          {[progressWords(step?.progress), step?.progress?.note].filter(Boolean).join(" · ")}
        </span>
      </div>
      {job && !job.ended_at && <ProgressBar what={`${title}, ${jobLook(job).word}`} share={shareOf(job)} />}
    </div>
  );
}
