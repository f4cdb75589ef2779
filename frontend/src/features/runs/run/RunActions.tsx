import { Button } from "@mantine/core";
import { IconFileText, IconPlayerStop, IconRefresh, IconRocket, IconTrash } from "@tabler/icons-react";
import { useState } from "react";

import type { Job, Run } from "@/client/types";
import { LinkButton } from "@/components/LinkButton";

import { isRunning } from "../RunState";
import { DeleteRun } from "./DeleteRun";
import { StopRun } from "./StopRun";

/** What can be done with a run. */
export function RunActions({ run, job }: { run: Run; job: Job | undefined }) {
  const [asking, setAsking] = useState<"stop" | "delete" | null>(null);
  const running = isRunning(run, job);
  return (
    <>
      {run.adapter && (
        <LinkButton to="/release" search={{ adapter: run.adapter }} leftSection={<IconRocket size={16} aria-hidden />}>
          Release
        </LinkButton>
      )}
      {running && job && (
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={16} aria-hidden />}
          disabled={!!job.cancel_requested_at}
          onClick={() => setAsking("stop")}
        >
          Stop training
        </Button>
      )}
      <LinkButton to="/train" search={{ like: run.name }} variant="default" leftSection={<IconRefresh size={16} aria-hidden />}>
        Train again like this
      </LinkButton>
      {run.job && (
        <LinkButton to="/jobs/$id" params={{ id: run.job }} variant="default" leftSection={<IconFileText size={16} aria-hidden />}>
          Log
        </LinkButton>
      )}
      {!running && (
        <Button variant="default" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => setAsking("delete")}>
          Delete
        </Button>
      )}
      {asking === "stop" && job && <StopRun run={run} job={job} close={() => setAsking(null)} />}
      {asking === "delete" && <DeleteRun run={run} close={() => setAsking(null)} />}
    </>
  );
}
