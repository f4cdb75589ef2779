import { expect, it } from "vitest";

import type { Job } from "@/client/types";

import { active, failedLately, failure, lastDone } from "./lately";

const NOW = Date.parse("2026-01-10T00:00:00Z");
const job = (id: string, state: Job["state"], created_at: string, more: Partial<Job> = {}) =>
  ({
    id,
    state,
    created_at,
    title: id,
    ended_at: state === "running" || state === "pending" ? null : created_at,
    steps: [],
    ...more,
  }) as unknown as Job;
const ids = (jobs: Job[]) => jobs.map((each) => each.id);

it("what runs comes before what waits, the oldest first", () => {
  const jobs = [
    job("waits", "pending", "2026-01-01T00:00:00Z"),
    job("second", "running", "2026-01-03T00:00:00Z"),
    job("first", "running", "2026-01-02T00:00:00Z"),
    job("done", "succeeded", "2026-01-01T00:00:00Z"),
  ];
  expect(ids(active(jobs))).toEqual(["first", "second", "waits"]);
});

it("a failure is news for three days, unless the same went well since", () => {
  const jobs = [
    job("old", "failed", "2026-01-01T00:00:00Z"),
    job("new", "failed", "2026-01-09T00:00:00Z"),
    job("mended", "failed", "2026-01-09T00:00:00Z", { title: "Release facts" }),
    job("again", "succeeded", "2026-01-09T01:00:00Z", { title: "Release facts" }),
    job("broke-later", "failed", "2026-01-09T02:00:00Z", { title: "Release facts" }),
  ];
  expect(ids(failedLately(jobs, NOW))).toEqual(["broke-later", "new"]);
});

it("no more failures are listed than one can take in", () => {
  const many = Array.from({ length: 9 }, (_, index) => job(`f${index}`, "failed", `2026-01-09T00:00:0${index}Z`));
  expect(ids(failedLately(many, NOW))).toEqual(["f8", "f7", "f6", "f5"]);
});

it("the last job that went well is the one that ended last", () => {
  const jobs = [
    job("a", "succeeded", "2026-01-01T00:00:00Z", { ended_at: "2026-01-09T00:00:00Z" }),
    job("b", "succeeded", "2026-01-02T00:00:00Z"),
    job("c", "failed", "2026-01-09T10:00:00Z"),
  ];
  expect(lastDone(jobs)?.id).toBe("a");
  expect(lastDone([])).toBeUndefined();
});

it("a job failed at its failed step", () => {
  const steps = [
    { name: "merge", state: "succeeded", message: "" },
    { name: "convert", state: "failed", message: "no such file" },
  ] as Job["steps"];
  expect(failure(job("a", "failed", "2026-01-01T00:00:00Z", { steps }))).toEqual({ step: "convert", message: "no such file" });
  expect(failure(job("a", "failed", "2026-01-01T00:00:00Z"))).toBeNull();
});
