import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, dataOf } from "../api";
import type { Job, JobState } from "../types";

export interface JobFilter {
  state?: JobState[];
  kind?: string[];
  q?: string;
}

const PAGE = 200;

export const jobKeys = {
  /** Active jobs and those that ended lately, kept by the event stream alone. */
  live: ["jobs", "live"] as const,
  lists: ["jobs", "list"] as const,
  list: (filter: JobFilter) => ["jobs", "list", filter] as const,
  one: (id: string) => ["jobs", "one", id] as const,
};

/** What the event stream says; never asked for. Undefined until the first snapshot. */
export const liveJobs = queryOptions<Job[]>({
  queryKey: jobKeys.live,
  queryFn: () => new Promise<Job[]>(() => undefined),
  staleTime: Infinity,
  gcTime: Infinity,
});

/** The jobs that the first snapshot will hold, asked for. */
export const latestJobs = (): Promise<Job[]> => dataOf(api.GET("/api/jobs", { params: { query: { limit: PAGE } } }));

export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: jobKeys.one(id),
    queryFn: ({ signal }) => dataOf(api.GET("/api/jobs/{job_id}", { params: { path: { job_id: id } }, signal })),
  });

/** Newest first, a page at a time. */
export const jobList = (filter: JobFilter) =>
  infiniteQueryOptions({
    queryKey: jobKeys.list(filter),
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      dataOf(api.GET("/api/jobs", { params: { query: { ...filter, before: pageParam, limit: PAGE } }, signal })),
    // A page that the stream of events has taken some jobs from isn't the last one for that.
    getNextPageParam: (last: Job[]) => (last.length < PAGE / 2 ? undefined : last.at(-1)?.id),
  });

/** Whether the API would list this job under that filter. */
export function matches(job: Job, filter: JobFilter): boolean {
  const q = filter.q?.toLowerCase() ?? "";
  return (
    (!filter.state?.length || filter.state.includes(job.state)) &&
    (!filter.kind?.length || filter.kind.includes(job.kind)) &&
    [job.id, job.title, job.kind].some((text) => text.toLowerCase().includes(q))
  );
}

export const jobPlanQuery = (id: string) =>
  queryOptions({
    queryKey: ["jobs", "plan", id],
    queryFn: ({ signal }) => dataOf(api.GET("/api/jobs/{job_id}/plan", { params: { path: { job_id: id } }, signal })),
    staleTime: Infinity,
  });

/** What the job's parity step found; a 404 while there is nothing. */
export const jobParityQuery = (id: string) =>
  queryOptions({
    queryKey: ["jobs", "parity", id],
    queryFn: ({ signal }) => dataOf(api.GET("/api/jobs/{job_id}/parity", { params: { path: { job_id: id } }, signal })),
  });

/** The artifacts that the job has made and that are still there. */
export const jobArtifactsQuery = (id: string) =>
  queryOptions({
    queryKey: ["artifacts", "of job", id],
    queryFn: ({ signal }) => dataOf(api.GET("/api/jobs/{job_id}/artifacts", { params: { path: { job_id: id } }, signal })),
  });

/** The last words of one attempt of a step; empty where it said nothing. */
export const lastWordsQuery = (id: string, step: string, attempt: number) =>
  queryOptions({
    queryKey: ["jobs", "last words", id, step, attempt],
    queryFn: ({ signal }) => lastWords(id, step, attempt, signal),
    staleTime: Infinity,
  });

const LAST_BYTES = 8_192;

/** Not by the typed client: it sends no Range, and this log may be long. */
async function lastWords(id: string, step: string, attempt: number, signal: AbortSignal): Promise<string> {
  const address = `/api/jobs/${encodeURIComponent(id)}/log?step=${encodeURIComponent(step)}&attempt=${attempt}`;
  const answer = await fetch(address, { headers: { Range: `bytes=-${LAST_BYTES}` }, signal });
  // An empty log has no last bytes (416), an attempt that was never started no log (404).
  return answer.ok ? answer.text() : "";
}

export const cancelJob = (id: string) =>
  dataOf(api.POST("/api/jobs/{job_id}:cancel", { params: { path: { job_id: id } } }));

export const retryJob = (id: string) => dataOf(api.POST("/api/jobs/{job_id}:retry", { params: { path: { job_id: id } } }));
