import { describe, expect, it } from "vitest";

import type { Estimate, Job, JobPlan, JobStep } from "@/client/types";

import { aheadOf, costOfCancel, failedStep, lastLines, madeName, remedyFor, requested, stepAt, sumOf } from "./words";

function step(name: string, state: JobStep["state"], more: Partial<JobStep> = {}): JobStep {
  return { name, state, reason: null, attempt: 1, exit_code: null, started_at: null, ended_at: null, progress: null, message: "", ...more };
}

function job(more: Partial<Job> = {}): Job {
  const steps = [step("merge", "succeeded"), step("convert", "running", { started_at: "2026-01-01T00:00:00Z" }), step("parity", "pending")];
  return {
    id: "b",
    kind: "release",
    title: "Release b",
    lane: "accelerator",
    state: "running",
    reason: null,
    created_at: "2026-01-01T00:00:02Z",
    started_at: null,
    ended_at: null,
    cancel_requested_at: null,
    processes_left: [],
    holds: null,
    steps,
    ...more,
  };
}

const NOW = Date.parse("2026-01-01T00:02:00Z");

describe("what a cancel costs", () => {
  it("names the step, how long it has run, and what stays", () => {
    const said = costOfCancel(job(), NOW);
    expect(said).toContain("“convert”, which has run for 2:00 min,");
    expect(said).toContain("What the step before it made stays");
    expect(said).toContain("What this step has done so far is lost.");
  });

  it("is nothing for a job that waits", () => {
    expect(costOfCancel(job({ state: "pending", steps: [step("merge", "pending")] }), NOW)).toMatch(/leaves the queue/);
  });

  it("of a training leaves its checkpoints", () => {
    const said = costOfCancel(job({ kind: "train", steps: [step("train", "running")] }), NOW);
    expect(said).toContain("Checkpoints that it has saved stay");
    expect(said).toContain("A retry begins the step anew.");
  });
});

describe("the step that matters", () => {
  it("is the one that isn't done, else the last", () => {
    expect(stepAt(job())?.name).toBe("convert");
    expect(stepAt(job({ steps: [step("a", "succeeded"), step("b", "succeeded")] }))?.name).toBe("b");
  });

  it("of a failed job is the one that failed", () => {
    const steps = [step("merge", "succeeded"), step("convert", "failed"), step("parity", "pending")];
    expect(failedStep(job({ state: "failed", steps }))?.name).toBe("convert");
    expect(failedStep(job())).toBeUndefined();
  });
});

it("each reason has a remedy of its own", () => {
  const reasons = ["lost", "disk-full", "place-missing", "refused", "command"] as const;
  const said = reasons.map((reason) => remedyFor(step("convert", "failed", { reason })));
  expect(new Set(said).size).toBe(reasons.length);
  expect(remedyFor(step("parity", "failed", { reason: "refused" }))).toContain("parity report");
});

it("a job's turn comes after those of its lane that came before", () => {
  const others = [
    job({ id: "a", created_at: "2026-01-01T00:00:01Z" }),
    job({ id: "c", created_at: "2026-01-01T00:00:03Z" }),
    job({ id: "d", created_at: "2026-01-01T00:00:01Z", lane: "light" }),
    job({ id: "e", created_at: "2026-01-01T00:00:01Z", ended_at: "2026-01-01T00:00:02Z" }),
  ];
  expect(aheadOf(job(), [...others, job()]).map((each) => each.id)).toEqual(["a"]);
});

describe("what all steps need", () => {
  const estimate = (disk: number | null, memory: number | null, seconds: number | null) =>
    ({ estimate: { disk_bytes: disk, memory_bytes: memory, seconds, basis: "" } }) as { estimate: Estimate };

  it("is the sum of disk and time, and the most of memory", () => {
    expect(sumOf([estimate(1, 5, 2), estimate(2, 3, 4)])).toMatchObject({ disk_bytes: 3, memory_bytes: 5, seconds: 6 });
  });

  it("isn't said where it isn't known", () => {
    expect(sumOf([estimate(null, null, 2), estimate(null, null, null)])).toMatchObject({
      disk_bytes: null,
      memory_bytes: null,
      seconds: null,
    });
  });
});

it("the last lines are those that a terminal shows", () => {
  expect(lastLines("a\nb\n 1%\r 2%\r\n\u001b[31mError\u001b[0m\n\n", 2)).toBe(" 2%\nError");
  expect(lastLines("", 5)).toBe("");
});

it("what was asked for is told from what is no name", () => {
  expect(requested({ name: "facts" }, "name")).toBe("facts");
  expect([requested({ name: 5 }, "name"), requested({}, "name"), requested(undefined, "name"), requested({ name: "" }, "name")]).toEqual([null, null, null, null]);
});

describe("the name of what a job makes", () => {
  const plan = (request: JobPlan["request"], ...steps: [name: string, path: unknown][]) =>
    ({
      request,
      steps: steps.map(([name, path]) => ({ name, outputs: [{ part: "", path: `/home/${String(path)}`, sidecar: { path } }] })),
    }) as unknown as JobPlan;

  it("is the one that was asked for", () => {
    expect(madeName(plan({ name: "mine" }, ["train", "saves/mine"]))).toBe("mine");
    expect(madeName(plan({ name: "facts" }, ["merge", "models/merged/facts"]))).toBe("facts");
  });

  it("is the run’s where a training’s was left empty", () => {
    expect(madeName(plan({}, ["install-llamafactory", undefined], ["train", "saves/smol-lamps"], ["render", undefined]))).toBe("smol-lamps");
    expect(madeName(plan({ name: null }, ["train", "saves/smol-lamps"]))).toBe("smol-lamps");
  });

  it("isn’t made up", () => {
    expect(madeName(plan({}))).toBeNull();
    expect(madeName(plan({}, ["train", undefined]))).toBeNull();
    expect(madeName(plan({}, ["train", "models/base/smol"]))).toBeNull();
    expect(madeName({ request: {}, steps: [{ name: "train", outputs: [] }] } as unknown as JobPlan)).toBeNull();
  });
});
