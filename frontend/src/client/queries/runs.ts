import { queryOptions } from "@tanstack/react-query";

import { api, dataOf } from "../api";
import { Problem, unreachable } from "../problem";
import { append, NOTHING, type Columns } from "../columns";
import type { Run } from "../types";

/** Settings as a form has them: what can't be a number is sent as it was typed, and the API says what is wrong with it. */
export type TrainingRequest = Record<string, unknown>;

export const runQuery = (name: string) =>
  queryOptions({
    queryKey: ["run", "one", name],
    queryFn: ({ signal }) => dataOf(api.GET("/api/runs/{name}", { params: { path: { name } }, signal })),
  });

export const runConfigQuery = (name: string) =>
  queryOptions({
    queryKey: ["run", "config", name],
    queryFn: ({ signal }) => dataOf(api.GET("/api/runs/{name}/config", { params: { path: { name } }, signal })),
    staleTime: 60_000,
  });

/** As long as a run is what this says, its curves are what they were. */
export const curvesMark = (run: Pick<Run, "modified_at" | "step" | "checkpoints">) =>
  `${run.modified_at} ${run.step ?? 0} ${run.checkpoints.length}`;

interface Read {
  columns: Columns;
  checkpoints: number;
}

/** Readings of this page: a run that goes on is read on from where its log was read to. */
const readings = new Map<string, Read>();

/** `run`: undefined while it isn't known. */
export const columnsQuery = (name: string, run: Pick<Run, "checkpoints"> | undefined) =>
  queryOptions({
    queryKey: ["columns", name],
    queryFn: async ({ signal }) => {
      const checkpoints = run?.checkpoints.length ?? 0;
      const before = readings.get(name);
      // Each checkpoint tells gradient norms of steps that were read without: then all is read again.
      const from = before?.checkpoints === checkpoints ? before.columns : NOTHING;
      const columns = await readOn(name, from, signal);
      readings.set(name, { columns, checkpoints });
      return columns;
    },
    structuralSharing: false,
    staleTime: Infinity,
  });

/** An answer is cut at some megabytes of the log: what follows is asked for until nothing does. */
async function readOn(name: string, from: Columns, signal: AbortSignal): Promise<Columns> {
  let columns = from;
  for (;;) {
    const { offset } = columns;
    const params = { path: { name }, query: { offset } };
    const answer = await dataOf(api.GET("/api/runs/{name}/columns", { params, signal }));
    columns = append(columns, answer);
    if (answer.step.length === 0 || columns.offset === offset) return columns;
  }
}

export const trainingOptions = queryOptions({
  queryKey: ["training", "options"],
  queryFn: ({ signal }) => dataOf(api.GET("/api/runs:options", { signal })),
  staleTime: Infinity,
});

/** Questions about trainings with the same settings are one. */
export const runPlanQuery = (request: TrainingRequest) =>
  queryOptions({
    queryKey: ["training", "plan", request],
    queryFn: async ({ signal }) => {
      const { plan, problem } = await dataOf(api.POST("/api/runs:check", { body: request as never, signal }));
      if (plan) return plan;
      throw problem ? new Problem({ ...problem, errors: problem.errors ?? [] }) : unreachable();
    },
    gcTime: 60_000,
    retry: false,
    meta: { saysItself: true },
  });

export const startRun = (request: TrainingRequest) => dataOf(api.POST("/api/runs", { body: request as never }));

/** What deleting a run's folder would do; nothing is touched yet. */
export const runDeletion = (name: string, signal: AbortSignal) =>
  dataOf(api.GET("/api/runs/{name}/dependants", { params: { path: { name } }, signal }));

export const deleteRun = (name: string) => dataOf(api.DELETE("/api/runs/{name}", { params: { path: { name } } }));
