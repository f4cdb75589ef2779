import type { Job } from "@/client/types";
import { Copy } from "@/components/Copyable";
import { JobBadge } from "@/components/state/State";
import { Time, Took } from "@/components/Time";

import { isOver, kindName } from "../words";
import classes from "./JobLead.module.css";

/** How the job stands, in one line. */
export function JobLead({ job }: { job: Job }) {
  return (
    <span className={classes.lead}>
      <span aria-live="polite">
        <JobBadge job={job} />
      </span>
      <span>{kindName(job.kind)}</span>
      <span>
        asked for <Time at={job.created_at} />
      </span>
      {job.started_at && (
        <span>
          {isOver(job) ? "took" : "runs for"} <Took from={job.started_at} to={job.ended_at} />
        </span>
      )}
      <span className={classes.id}>
        <code>{job.id}</code>
        <Copy value={job.id} what="the job’s id" />
      </span>
    </span>
  );
}
