import { Skeleton } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { isGone } from "@/client/problem";
import { jobParityQuery } from "@/client/queries/jobs";
import type { Job } from "@/client/types";
import { Empty } from "@/components/Empty";
import { ParityView } from "@/components/parity/ParityView";
import { ProblemAlert } from "@/components/problem/ProblemAlert";

interface Props {
  job: Job;
  cell: string | undefined;
  onCell: (cell: string | undefined) => void;
}

/** What the parity step found; asked for again when that step has changed. */
export function ParityTab({ job, cell, onCell }: Props) {
  const step = job.steps.find((each) => each.name === "parity");
  const waits = step?.state === "pending" || step?.state === "running";
  const { data, error, refetch } = useQuery({ ...jobParityQuery(job.id), enabled: !waits });
  const cache = useQueryClient();
  const stands = `${step?.state} ${step?.attempt}`;
  useEffect(() => {
    void cache.invalidateQueries({ queryKey: jobParityQuery(job.id).queryKey });
  }, [cache, job.id, stands]);
  if (data) return <ParityView reports={[data]} cell={cell} onCell={onCell} />;
  if (waits) return <NotYet state={step.state} />;
  if (!error) return <Skeleton height={320} role="status" aria-label="Loading the parity report" />;
  if (isGone(error)) return <NotYet state={step?.state} />;
  return <ProblemAlert error={error} retry={() => void refetch()} />;
}

function NotYet({ state }: { state: Job["state"] | undefined }) {
  const over = state === "failed" || state === "cancelled";
  return (
    <Empty title={over ? "The parity step ended without a report" : "Not compared yet"}>
      {over
        ? "Its log says why."
        : "The step “parity” compares what training gave the model with what the engine gives it, token by token, before anything is released."}
    </Empty>
  );
}
