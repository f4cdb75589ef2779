import { Button, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { cancelJob, jobKeys, retryJob } from "@/client/queries/jobs";
import type { Job } from "@/client/types";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { useNow } from "@/lib/useNow";

import { costOfCancel, failedStep, isOver } from "../words";
import classes from "./JobActions.module.css";

/** What can be done with a job as it stands. */
export function JobActions({ job }: { job: Job }) {
  const [asks, setAsks] = useState(false);
  const canRetry = job.state === "failed" || job.state === "cancelled";
  return (
    <>
      {canRetry && <Retry job={job} />}
      {!isOver(job) && (
        <Button variant="default" disabled={Boolean(job.cancel_requested_at)} onClick={() => setAsks(true)}>
          {job.cancel_requested_at ? "Stopping …" : "Cancel…"}
        </Button>
      )}
      {asks && !isOver(job) && <CancelDialog job={job} close={() => setAsks(false)} />}
    </>
  );
}

function Retry({ job }: { job: Job }) {
  const cache = useQueryClient();
  const step = job.steps.find((each) => each.state === "failed" || each.state === "cancelled");
  // What a check refused it refuses again: then a retry isn't the thing to do next.
  const refused = failedStep(job)?.reason === "refused";
  const retry = useMutation({
    mutationFn: () => retryJob(job.id),
    onSuccess: (answer) => cache.setQueryData(jobKeys.one(job.id), answer),
  });
  return (
    <div className={classes.action}>
      <Button variant={refused ? "default" : "filled"} loading={retry.isPending} onClick={() => retry.mutate()}>
        Retry{job.steps.length > 1 && step ? ` from ${step.name}` : ""}
      </Button>
      {retry.error && <ProblemAlert error={retry.error} />}
    </div>
  );
}

function CancelDialog({ job, close }: { job: Job; close: () => void }) {
  const cache = useQueryClient();
  const now = useNow();
  const cancel = useMutation({
    mutationFn: () => cancelJob(job.id),
    onSuccess: (answer) => {
      cache.setQueryData(jobKeys.one(job.id), answer);
      close();
    },
  });
  return (
    <Modal opened onClose={close} title={`Cancel “${job.title}”`} closeButtonProps={{ "aria-label": "Close" }}>
      <p className={classes.cost}>{costOfCancel(job, now)}</p>
      {cancel.error && <ProblemAlert error={cancel.error} />}
      <div className={classes.buttons}>
        <Button variant="default" onClick={close} data-autofocus>
          Let it run
        </Button>
        <Button color="red" loading={cancel.isPending} onClick={() => cancel.mutate()}>
          Cancel the job
        </Button>
      </div>
    </Modal>
  );
}
