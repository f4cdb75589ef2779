import { Button } from "@mantine/core";
import { IconCircleX, IconLoader2, IconPlayerPause } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { lastWordsQuery, liveJobs } from "@/client/queries/jobs";
import type { Job, JobStep } from "@/client/types";
import { LinkButton } from "@/components/LinkButton";
import { Words } from "@/components/Words";
import { plural } from "@/lib/format";

import { aheadOf, failedStep, isOver, lastLines, remedyFor } from "../words";
import classes from "./Notices.module.css";

const LAST_LINES = 8;

/** What has to be known of a job before anything else: why it failed, what it waits for, what is left of it. */
export function Notices({ job, onParity }: { job: Job; onParity: () => void }) {
  const failed = failedStep(job);
  return (
    <>
      {failed && <Failed job={job} step={failed} onParity={onParity} />}
      {job.processes_left.length > 0 && <Left job={job} />}
      {job.state === "pending" && !job.cancel_requested_at && <Waits job={job} />}
    </>
  );
}

function Failed({ job, step, onParity }: { job: Job; step: JobStep; onParity: () => void }) {
  const { data: log = "" } = useQuery(lastWordsQuery(job.id, step.name, Math.max(1, step.attempt)));
  const words = lastLines(log, LAST_LINES);
  const refused = step.reason === "refused" && step.name === "parity";
  const needsSystem = step.reason === "disk-full" || step.reason === "place-missing";
  return (
    <Notice tone="bad" icon={<IconCircleX size={20} aria-hidden />} title={`The step “${step.name}” ${title(step)}`}>
      {step.message && (
        <p>
          <Words text={step.message} />
        </p>
      )}
      <p>{remedyFor(step)}</p>
      <div className={classes.buttons}>
        {refused && (
          <Button size="compact-sm" variant="default" onClick={onParity}>
            Show the parity report
          </Button>
        )}
        {needsSystem && (
          <LinkButton to="/system" size="compact-sm" variant="default">
            Open System
          </LinkButton>
        )}
      </div>
      {words && words !== step.message && (
        <details className={classes.words}>
          <summary>The last lines of its log</summary>
          <pre tabIndex={0} aria-label="The last lines of its log">
            {words}
          </pre>
        </details>
      )}
    </Notice>
  );
}

/** "failed with exit code 1" */
function title({ reason, exit_code }: JobStep): string {
  const code = exit_code == null ? "" : ` (exit code ${exit_code})`;
  if (reason === "refused") return "said no";
  if (reason === "disk-full") return `failed: the disk is full${code}`;
  if (reason === "lost") return "was lost";
  if (reason === "place-missing") return "couldn’t be started";
  return `failed${code}`;
}

function Left({ job }: { job: Job }) {
  const pids = job.processes_left;
  return (
    <Notice tone="wait" icon={<IconLoader2 size={20} aria-hidden />} title={`${plural(pids.length, "process", "processes")} left`}>
      <p>
        {isOver(job) ? "They outlived the job" : "They haven’t ended yet"}: {pids.length === 1 ? "pid" : "pids"} {pids.join(", ")}. The
        job is cancelled when none is left.
      </p>
    </Notice>
  );
}

function Waits({ job }: { job: Job }) {
  const { data: jobs = [] } = useQuery(liveJobs);
  const ahead = aheadOf(job, jobs);
  if (job.holds) {
    return (
      <Notice tone="wait" icon={<IconPlayerPause size={20} aria-hidden />} title="It is held">
        <p>
          <Words text={job.holds} />
        </p>
        <p>It begins by itself as soon as that is over.</p>
      </Notice>
    );
  }
  if (!ahead.length) return null;
  const [first] = ahead.toReversed();
  return (
    <Notice tone="idle" icon={<IconPlayerPause size={20} aria-hidden />} title="It waits for its turn">
      <p>
        {plural(ahead.length, "job")} before it
        {job.lane === "accelerator" && ", since one job at a time works on the accelerator"}
        {first && (
          <>
            ; now{" "}
            <Link to="/jobs/$id" params={{ id: first.id }}>
              {first.title}
            </Link>
          </>
        )}
        .
      </p>
    </Notice>
  );
}

function Notice({ tone, icon, title, children }: { tone: "bad" | "wait" | "idle"; icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <section className={classes.notice} data-tone={tone} role={tone === "bad" ? "alert" : "status"}>
      <span className={classes.icon}>{icon}</span>
      <div className={classes.said}>
        <p className={classes.title}>{title}</p>
        {children}
      </div>
    </section>
  );
}
