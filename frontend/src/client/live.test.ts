import { QueryClient, QueryObserver, type QueryKey } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { inPages, Live, withLatest } from "./live";
import { Problem } from "./problem";
import { jobKeys } from "./queries/jobs";
import type { Job, LiveEvent } from "./types";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function job(id: string, more: Partial<Job> = {}): Job {
  const created_at = `2026-01-01T00:00:${id.padStart(2, "0")}Z`;
  return { id, kind: "release", title: `Release ${id}`, state: "running", created_at, ended_at: null, ...more } as Job;
}

const pagesOf = (...pages: Job[][]) => ({ pages, pageParams: pages.map(() => undefined) });
const ids = (pages: { pages: Job[][] } | null) => pages?.pages.map((page) => page.map((each) => each.id));

describe("a loaded list of jobs", () => {
  it("takes a new job in first", () => {
    expect(ids(inPages(pagesOf([job("2")], [job("1")]), job("3"), {}))).toEqual([["3", "2"], ["1"]]);
  });

  it("shows the newer self of a job in its place", () => {
    const pages = inPages(pagesOf([job("2")], [job("1")]), job("1", { state: "failed" }), {});
    expect(pages?.pages[1]?.[0]?.state).toBe("failed");
  });

  it("loses a job that left its filter, and takes in none that isn't in it", () => {
    const filter = { state: ["running" as const], q: "release" };
    expect(ids(inPages(pagesOf([job("2"), job("1")]), job("2", { state: "succeeded" }), filter))).toEqual([["1"]]);
    expect(ids(inPages(pagesOf([job("1")]), job("2", { title: "Train", kind: "train" }), filter))).toEqual([["1"]]);
  });

  it("can't say where an older job belongs that comes into its filter", () => {
    expect(inPages(pagesOf([job("5")]), job("3"), {})).toBeNull();
  });
});

it("keeps running jobs and the latest that ended", () => {
  const ended = Array.from({ length: 250 }, (_, index) => job(`e${index}`, { ended_at: "x" }));
  const kept = withLatest([...ended, job("running")], job("new"));
  expect(kept).toHaveLength(202);
  expect(kept[0]?.id).toBe("new");
  expect(kept.at(-1)?.id).toBe("running");
});

describe("the stream of events", () => {
  function stand() {
    const cache = new QueryClient();
    const live = new Live(cache);
    return { cache, catchUp: live.catchUp, take: (...events: object[]) => live.take(events as LiveEvent[]) };
  }

  it("keeps what only the list's own answer knows", () => {
    const { cache, take } = stand();
    cache.setQueryData(["services"], { source: {}, services: [{ name: "ollama", state: "stopped", page: "http://o" }] });
    take({ kind: "service", record: { name: "ollama", state: "ready" } });
    expect(cache.getQueryData(["services"])).toEqual({
      source: {},
      services: [{ name: "ollama", state: "ready", page: "http://o" }],
    });
  });

  it("asks for the links of a service anew when its state changed, and not for its load alone", async () => {
    const { cache, take } = stand();
    cache.setQueryData(["services"], { services: [{ name: "tensorboard", state: "stopped", page: null }] });
    const told = vi.spyOn(cache, "invalidateQueries");
    take({ kind: "service", record: { name: "tensorboard", state: "stopped", cpu_percent: 3 } });
    await vi.advanceTimersByTimeAsync(500);
    expect(told).not.toHaveBeenCalled();
    take({ kind: "service", record: { name: "tensorboard", state: "ready" } });
    await vi.advanceTimersByTimeAsync(500);
    expect(told.mock.calls.map(([filter]) => filter?.queryKey)).toEqual([["services"]]);
  });

  it("lengthens the load's history of a service that a page shows", () => {
    const { cache, take } = stand();
    cache.setQueryData(["history", "service", "ollama"], []);
    take({ kind: "service", record: { name: "ollama", cpu_percent: 12, memory_bytes: null } });
    take({ kind: "service", record: { name: "other", cpu_percent: 1, memory_bytes: 1 } });
    expect(cache.getQueryData(["history", "service", "ollama"])).toEqual([
      { at: Date.now(), values: { cpu_percent: 12, memory_bytes: null } },
    ]);
    expect(cache.getQueryData(["history", "service", "other"])).toBeUndefined();
  });

  it("fetches a list again that has a new record, once for many", async () => {
    const { cache, take } = stand();
    cache.setQueryData(["artifacts"], { artifacts: [] });
    const told = vi.spyOn(cache, "invalidateQueries");
    for (let index = 0; index < 50; index++) take({ kind: "artifact", record: { id: `models/${index}`, name: "x" } });
    await vi.advanceTimersByTimeAsync(500);
    expect(told.mock.calls.map(([filter]) => filter?.queryKey)).toEqual([["artifacts"], ["lineage"]]);
  });

  it("a snapshot replaces the jobs, and makes every other list old", () => {
    const { cache, take } = stand();
    cache.setQueryData(jobKeys.live, [job("gone")]);
    cache.setQueryData(["artifacts"], { artifacts: [] });
    cache.setQueryData(["draft", "release"], {});
    take({ kind: "snapshot", jobs: [job("1"), job("2")], services: [], deployments: [] });
    expect(cache.getQueryData<Job[]>(jobKeys.live)?.map((each) => each.id)).toEqual(["2", "1"]);
    expect(cache.getQueryState(["artifacts"])?.isInvalidated).toBe(true);
    expect(cache.getQueryState(["draft", "release"])?.isInvalidated).toBe(false);
  });

  it("has the lists that a page shows fetched again a little after a snapshot, but not what came meanwhile", async () => {
    const { cache, take } = stand();
    const asked: string[] = [];
    for (const name of ["artifacts", "runs"]) {
      const queryFn = () => Promise.resolve(asked.push(name));
      new QueryObserver(cache, { queryKey: [name], queryFn, initialData: 0, staleTime: Infinity }).subscribe(() => undefined);
    }
    take({ kind: "snapshot", jobs: [], services: [], deployments: [] });
    await vi.advanceTimersByTimeAsync(100);
    expect(asked).toEqual([]);
    cache.setQueryData(["runs"], 1);
    await vi.advanceTimersByTimeAsync(500);
    expect(asked).toEqual(["artifacts"]);
  });

  describe("while an answer is on the way", () => {
    function asking<T>(cache: QueryClient, queryKey: QueryKey, known?: T): (answer: T) => Promise<void> {
      let arrive: (answer: T) => void = () => undefined;
      const queryFn = () => new Promise<T>((resolve) => (arrive = resolve));
      new QueryObserver<T>(cache, { queryKey, queryFn, initialData: known, initialDataUpdatedAt: 0 }).subscribe(() => undefined);
      return async (answer) => {
        arrive(answer);
        await vi.advanceTimersByTimeAsync(1);
      };
    }
    const ended = job("1", { state: "failed", ended_at: "2026-01-01T00:01:00Z" });

    it("what the stream says of a job holds against an answer that was made before", async () => {
      const { cache, take } = stand();
      const arrives = asking(cache, jobKeys.one("1"));
      take({ kind: "job", record: job("1") });
      take({ kind: "job", record: ended });
      await arrives(job("1"));
      expect(cache.getQueryData<Job>(jobKeys.one("1"))?.state).toBe("failed");
    });

    it("so does what it says of a record, and what it says later", async () => {
      const { cache, take } = stand();
      const runs = (step: number) => ({ runs: [{ name: "r", step }, { name: "other", step: 1 }] });
      const arrives = asking<object>(cache, ["runs"], runs(1));
      take({ kind: "run", record: { name: "r", step: 3 } });
      await arrives(runs(2));
      expect(cache.getQueryData(["runs"])).toEqual(runs(3));
      take({ kind: "run", record: { name: "r", step: 4 } });
      expect(cache.getQueryData(["runs"])).toEqual(runs(4));
    });

    it("an answer that was asked for after it is taken as it is", async () => {
      const { cache, take } = stand();
      take({ kind: "job", record: ended });
      const arrives = asking(cache, jobKeys.one("1"));
      await arrives(job("1", { title: "A retry" }));
      expect(cache.getQueryData<Job>(jobKeys.one("1"))?.title).toBe("A retry");
    });

    it("what the stream removed, or told before a snapshot, is forgotten", async () => {
      const { cache, take } = stand();
      const arrives = asking(cache, jobKeys.one("1"));
      take({ kind: "job", record: ended }, { kind: "removed", of: "job", key: "1" });
      await arrives(job("1"));
      expect(cache.getQueryData<Job>(jobKeys.one("1"))?.state).toBe("running");
      const again = asking(cache, jobKeys.one("2"));
      take({ kind: "job", record: job("2", { state: "failed" }) });
      take({ kind: "snapshot", jobs: [], services: [], deployments: [] });
      await again(job("2"));
      expect(cache.getQueryData<Job>(jobKeys.one("2"))?.state).toBe("running");
    });
  });

  it("has what was asked for in vain asked for again when it is back, but not what was refused", async () => {
    const { cache, catchUp } = stand();
    const asked: string[] = [];
    const shown = (name: string, error: Error | null) => {
      const queryFn = () => {
        asked.push(name);
        return error ? Promise.reject(error) : Promise.resolve(name);
      };
      new QueryObserver(cache, { queryKey: [name], queryFn, retry: false, staleTime: Infinity }).subscribe(() => undefined);
    };
    shown("fine", null);
    shown("unreachable", new TypeError("failed to fetch"));
    shown("gone", new Problem({ title: "Not there", status: 404 }));
    await vi.advanceTimersByTimeAsync(100);
    expect(asked.splice(0)).toEqual(["fine", "unreachable", "gone"]);
    catchUp();
    await vi.advanceTimersByTimeAsync(500);
    expect(asked).toEqual(["unreachable"]);
  });
});
