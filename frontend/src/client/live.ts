import type { InfiniteData, Query, QueryClient, QueryKey } from "@tanstack/react-query";

import { withSample, type Sample } from "./history";
import { isRefusal } from "./problem";
import { historyKeys, sampleOfService } from "./queries/history";
import { jobKeys, matches, type JobFilter } from "./queries/jobs";
import { sampleOfMachine } from "./queries/machine";
import { keyOf } from "./stream/held";
import type { Job, LiveEvent } from "./types";

type RecordEvent = Extract<LiveEvent, { record: unknown }>;
type JobPages = InfiniteData<Job[], string | undefined>;

/** As many ended jobs as the server's snapshot holds. */
const ENDED_JOBS = 200;

/** Lists are fetched again this long after the last of several changes. */
const SETTLE_MS = 400;

/** Where records of a kind stand in the answers of their lists: the query's key, and the name of the array in it. */
const LISTS: Record<string, { key: QueryKey; field: string | null }> = {
  service: { key: ["services"], field: "services" },
  deployment: { key: ["deployments"], field: null },
  artifact: { key: ["artifacts"], field: "artifacts" },
  dataset: { key: ["datasets"], field: "datasets" },
  run: { key: ["runs"], field: "runs" },
};

/** What a list's change makes old besides the list itself. */
const BESIDE: Record<string, QueryKey[]> = {
  release: [["releases"], ["deployments"]],
  artifact: [["lineage"]],
  run: [["curves"]],
  removed: [["releases"]],
};

/** Keeps the query cache as the stream of events says. */
export class Live {
  private readonly settling = new Map<string, ReturnType<typeof setTimeout>>();
  /** The latest of each record that the stream told while answers were on the way: they may have been made before it. */
  private readonly meanwhile = new Map<string, RecordEvent>();

  constructor(private readonly cache: QueryClient) {
    cache.getQueryCache().subscribe((event) => {
      if (event.type !== "updated") return;
      const { action } = event;
      if (action.type === "error" || (action.type === "success" && !action.manual)) this.answered();
    });
  }

  readonly take = (events: LiveEvent[]): void => {
    const asking = this.isAsking();
    if (!asking) this.meanwhile.clear();
    for (const event of events) {
      this.one(event);
      if (asking) this.remember(event);
    }
  };

  private answered(): void {
    for (const told of this.meanwhile.values()) this.put(told);
    if (!this.isAsking()) this.meanwhile.clear();
  }

  private isAsking(): boolean {
    return this.cache.isFetching({ predicate: ({ queryKey }) => !isKeptByStream(queryKey) }) > 0;
  }

  private remember(event: LiveEvent): void {
    if (event.kind === "snapshot") this.meanwhile.clear();
    else if (event.kind === "removed") this.meanwhile.delete(`${event.of} ${event.key}`);
    else this.meanwhile.set(`${event.kind} ${keyOf(event)}`, event);
  }

  private one(event: LiveEvent): void {
    if (event.kind === "snapshot") return this.snapshot(event);
    if (event.kind === "removed") return this.removed(event.of, event.key);
    if (event.kind === "job") this.job(event.record);
    else if (event.kind === "machine") this.cache.setQueryData(["machine", "now"], event.record);
    for (const key of this.put(event)) this.old(key);
    if (event.kind === "machine") this.measured(historyKeys.machine, sampleOfMachine(event.record));
    if (event.kind === "service") this.measured(historyKeys.service(event.record.name), sampleOfService(event.record));
    for (const key of BESIDE[event.kind] ?? []) this.old(key);
  }

  /** It takes the place of everything; lists that it doesn't hold may have changed meanwhile. */
  private snapshot(event: Extract<LiveEvent, { kind?: "snapshot" }>): void {
    const { jobs } = event;
    this.cache.setQueryData(jobKeys.live, [...jobs].sort(newestFirst));
    for (const job of jobs) this.known(job);
    if (event.machine) this.cache.setQueryData(["machine", "now"], event.machine);
    void this.cache.invalidateQueries({ predicate: ({ queryKey }) => !isKeptByStream(queryKey), refetchType: "none" });
    // A page that opens draws first what it has.
    this.settle("all", () => this.askAgain(isOld));
  }

  /** To be called when the stream is back, which may have no snapshot to tell: what was asked for in vain is asked for again. */
  readonly catchUp = (): void => this.settle("failed", () => this.askAgain(hasFailed));

  /** What is being fetched just now will be new enough. */
  private askAgain(predicate: (query: Query) => boolean): Promise<void> {
    return this.cache.refetchQueries({ type: "active", predicate }, { cancelRefetch: false });
  }

  private job(job: Job): void {
    this.cache.setQueryData<Job[]>(jobKeys.live, (jobs) => jobs && withLatest(jobs, job));
    // A job's end is when its artifacts appear and its seconds become known.
    if (job.ended_at) this.old(["toolboxes"]);
    if (job.ended_at && job.kind === "toolbox") this.old(["doctor"]);
  }

  /** Puts a record into the answers that hold its kind; returns the keys of those that have to be asked for again. */
  private put(event: RecordEvent): QueryKey[] {
    return event.kind === "job" ? this.putJob(event.record) : this.putRecord(event);
  }

  private putJob(job: Job): QueryKey[] {
    this.known(job);
    const old: QueryKey[] = [];
    for (const [key, pages] of this.cache.getQueriesData<JobPages>({ queryKey: jobKeys.lists })) {
      const next = pages && inPages(pages, job, key[2] as JobFilter);
      if (next) this.cache.setQueryData<JobPages>(key, next);
      else if (pages) old.push(key);
    }
    return old;
  }

  private known(job: Job): void {
    this.cache.setQueryData<Job>(jobKeys.one(job.id), (before) => before && job);
  }

  private measured(key: QueryKey, sample: Sample): void {
    this.cache.setQueryData<Sample[]>(key, (samples) => samples && withSample(samples, sample));
  }

  private putRecord(event: RecordEvent): QueryKey[] {
    const list = LISTS[event.kind];
    if (!list) return [];
    const key = keyOf(event);
    const keyed = (record: object) => keyOf({ kind: event.kind, record } as RecordEvent);
    const records = recordsOf(this.cache.getQueryData(list.key), list.field);
    const before = records?.find((each) => keyed(each) === key);
    if (!records || !before) return [list.key];
    // What only the list's own answer knows stays. A service's links hang on its state: then the list is asked for them.
    const next = records.map((each) => (keyed(each) === key ? { ...each, ...event.record } : each));
    this.cache.setQueryData(list.key, (answer: unknown) => withRecords(answer, list.field, next));
    return event.kind === "service" && "state" in before && before.state !== event.record.state ? [list.key] : [];
  }

  private removed(of: string, key: string): void {
    if (of === "job") {
      this.cache.setQueryData<Job[]>(jobKeys.live, (jobs) => jobs?.filter((job) => job.id !== key));
      this.old(jobKeys.lists);
    }
    this.old(LISTS[of]?.key ?? ["releases"]);
    for (const beside of BESIDE.removed ?? []) this.old(beside);
  }

  /** Fetch a list again, once for many changes that come together. Only lists that a page shows are fetched. */
  private old(key: QueryKey): void {
    this.settle(JSON.stringify(key), () => this.cache.invalidateQueries({ queryKey: key }));
  }

  private settle(name: string, task: () => Promise<void>): void {
    clearTimeout(this.settling.get(name));
    this.settling.set(
      name,
      setTimeout(() => {
        this.settling.delete(name);
        void task();
      }, SETTLE_MS),
    );
  }
}

function isKeptByStream(key: QueryKey): boolean {
  return (key[0] === "jobs" && key[1] === "live") || key[0] === "draft" || (key[0] === "machine" && key[1] === "now");
}

const isOld = ({ state }: Query): boolean => state.isInvalidated;

const hasFailed = ({ state }: Query): boolean => state.error !== null && !isRefusal(state.error);

function newestFirst(a: Job, b: Job): number {
  return b.created_at < a.created_at ? -1 : 1;
}

/** Jobs with `job` in the place of its older self, or first; of those that have ended only the latest are kept. */
export function withLatest(jobs: Job[], job: Job): Job[] {
  const at = jobs.findIndex((each) => each.id === job.id);
  if (at >= 0) return jobs.with(at, job);
  let ended = 0;
  return [job, ...jobs].filter((each) => !each.ended_at || ++ended <= ENDED_JOBS);
}

/**
 * A loaded list after a job changed: it may have come into the filter, or have left it. Null: it stands where the list
 * isn't loaded, or between two pages, and only the API knows.
 */
export function inPages(pages: JobPages, job: Job, filter: JobFilter): JobPages | null {
  const wanted = matches(job, filter);
  const known = pages.pages.some((page) => page.some((each) => each.id === job.id));
  if (!known && !wanted) return pages;
  if (!known) {
    const [first = [], ...rest] = pages.pages;
    const newest = first[0];
    return newest && newest.created_at > job.created_at ? null : { ...pages, pages: [[job, ...first], ...rest] };
  }
  const next = pages.pages.map((page) =>
    wanted ? page.map((each) => (each.id === job.id ? job : each)) : page.filter((each) => each.id !== job.id),
  );
  return { ...pages, pages: next };
}

function recordsOf(answer: unknown, field: string | null): object[] | null {
  const records = field === null ? answer : (answer as Record<string, unknown> | undefined)?.[field];
  return Array.isArray(records) ? (records as object[]) : null;
}

function withRecords(answer: unknown, field: string | null, records: object[]): unknown {
  return field === null ? records : { ...(answer as object), [field]: records };
}
