import { Button, Skeleton } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { jobArtifactsQuery, jobPlanQuery } from "@/client/queries/jobs";
import type { Artifact, Job, JobPlan, Step } from "@/client/types";
import { Code } from "@/components/Copyable";
import { Plan } from "@/components/plan/Plan";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { bytes, duration } from "@/lib/format";

import { sumOf } from "../words";
import classes from "./CommandsTab.module.css";

/** What the job runs, written down before it began: each command, what was predicted for it, and what it really took. */
export function CommandsTab({ job }: { job: Job }) {
  const { data: plan, error, refetch } = useQuery(jobPlanQuery(job.id));
  const { data: artifacts } = useQuery(jobArtifactsQuery(job.id));
  if (error && !plan) return <ProblemAlert error={error} retry={() => void refetch()} />;
  if (!plan) return <Skeleton height={240} role="status" aria-label="Loading the commands" />;
  return <Commands job={job} plan={plan} artifacts={artifacts ?? []} />;
}

function Commands({ job, plan, artifacts }: { job: Job; plan: JobPlan; artifacts: Artifact[] }) {
  const script = `/api/jobs/${encodeURIComponent(job.id)}/script`;
  return (
    <div className={classes.commands}>
      <div className={classes.script}>
        <p>
          Written down before the job began. As a script they do the same by hand, without Tunesmith; secrets are taken from the
          environment.
        </p>
        <Button
          component="a"
          href={script}
          download={`${job.id}.sh`}
          variant="default"
          size="compact-sm"
          leftSection={<IconDownload size={14} aria-hidden />}
        >
          As a script
        </Button>
      </div>
      <Plan plan={{ steps: plan.steps, estimate: sumOf(plan.steps) }} real={(step, index) => <Real text={real(job, artifacts, step, index)} />} />
      {Object.keys(plan.request).length > 0 && (
        <section aria-label="What was asked for">
          <h3 className={classes.heading}>What was asked for</h3>
          <Code text={JSON.stringify(plan.request, null, 2)} what="the request" />
        </section>
      )}
    </div>
  );
}

function Real({ text }: { text: string }) {
  return text ? <span className={classes.real}>in fact {text}</span> : null;
}

/** "258 MiB disk · 12 s": what a step that is over took. */
function real(job: Job, artifacts: readonly Artifact[], step: Step, index: number): string {
  const status = job.steps[index];
  if (!status?.started_at || !status.ended_at) return "";
  const made = artifacts.filter((each) => each.lineage?.step === step.name);
  const size = made.reduce((sum, each) => sum + each.bytes, 0);
  const took = duration((Date.parse(status.ended_at) - Date.parse(status.started_at)) / 1000);
  return [made.length > 0 && `${bytes(size)} disk`, took].filter(Boolean).join(" · ");
}
