import { useQuery } from "@tanstack/react-query";
import { IconCircleCheck, IconCircleX, IconLoader2, IconPlayerStop, type TablerIcon } from "@tabler/icons-react";

import { jobQuery, liveJobs } from "@/client/queries/jobs";
import type { Job, Run } from "@/client/types";
import { Badge, JobBadge, type Tone } from "@/components/state/State";
import { UNKNOWN } from "@/lib/format";

const OUTSIDE: Record<NonNullable<Run["state"]>, { word: string; tone: Tone; icon: TablerIcon }> = {
  running: { word: "running", tone: "run", icon: IconLoader2 },
  finished: { word: "done", tone: "good", icon: IconCircleCheck },
  stopped: { word: "stopped", tone: "idle", icon: IconPlayerStop },
  failed: { word: "failed", tone: "bad", icon: IconCircleX },
};

/** The job that trains or trained a run: from the stream of events, else asked for where the run's files don't tell its end. */
export function useRunJob(run: Run | undefined): Job | undefined {
  const id = run?.job ?? "";
  const { data: live } = useQuery(liveJobs);
  const found = live?.find((job) => job.id === id);
  const ask = live !== undefined && !found && id !== "" && !run?.adapter;
  const { data: asked } = useQuery({ ...jobQuery(id), enabled: ask, staleTime: Infinity });
  return found ?? asked;
}

/** How a training stands: its job tells, or the files and processes of one that was started elsewhere. */
export function RunState({ run }: { run: Run }) {
  return run.state ? <Badge {...OUTSIDE[run.state]} /> : <StateOfOurs run={run} />;
}

function StateOfOurs({ run }: { run: Run }) {
  const job = useRunJob(run);
  if (job) return <JobBadge job={job} />;
  if (run.adapter) return <Badge {...OUTSIDE.finished} />;
  return <span title="Its job isn't known any more">{UNKNOWN}</span>;
}

export function isRunning(run: Run, job: Job | undefined): boolean {
  return job ? job.state === "running" || job.state === "pending" : run.state === "running";
}
