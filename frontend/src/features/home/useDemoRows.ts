import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { addDemoRows, makeDemoRows } from "@/client/queries/demo";
import { liveJobs } from "@/client/queries/jobs";
import { datasetsQuery } from "@/client/queries/lists";
import type { Job } from "@/client/types";

export interface DemoRows {
  take: () => void;
  busy: boolean;
  /** The job that makes the rows; they are added when it is done. */
  job: Job | undefined;
  error: Error | null;
}

/** The demo's rows, made by a job where they aren't there yet, and added as a data set when they are. */
export function useDemoRows(base: string): DemoRows {
  const cache = useQueryClient();
  const { data: jobs } = useQuery(liveJobs);
  const [waiting, setWaiting] = useState<string | null>(null);
  const { mutate: add, ...adding } = useMutation({
    mutationFn: addDemoRows,
    onSettled: () => {
      setWaiting(null);
      return cache.invalidateQueries({ queryKey: datasetsQuery.queryKey });
    },
  });
  const making = useMutation({
    mutationFn: () => makeDemoRows(base),
    onSuccess: ({ job }) => {
      if (job) setWaiting(job.id);
      else add();
    },
  });
  const job = jobs?.find((each) => each.id === waiting);
  const done = job?.state === "succeeded" && adding.isIdle;
  useEffect(() => {
    if (done) add();
  }, [done, add]);
  return {
    take: () => making.mutate(),
    busy: making.isPending || adding.isPending || (waiting !== null && !job?.ended_at),
    job: waiting ? job : undefined,
    error: making.error ?? adding.error,
  };
}
