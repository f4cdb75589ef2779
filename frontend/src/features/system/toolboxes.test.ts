import { expect, it } from "vitest";

import type { Job, Toolbox } from "@/client/types";

import { jobOf, jobOfCall, tellingVersions, verbOf } from "./toolboxes";

it("a missing toolbox is installed, a half-made one repaired, a complete one left alone", () => {
  expect((["missing", "half-made", "ready"] as const).map((presence) => verbOf({ presence }))).toEqual([
    "Install",
    "Repair",
    null,
  ]);
});

it("its job is the one under way that is named after it", () => {
  const job = (title: string, more: Partial<Job> = {}) =>
    ({ id: title, title, kind: "toolbox", ended_at: null, ...more }) as Job;
  const jobs = [
    job("Install tensorboard", { ended_at: "2026-01-01T00:00:00Z" }),
    job("Install tensorboard", { kind: "train" }),
    job("Install llama-cpp"),
  ];
  expect(jobOf({ name: "llama-cpp" }, jobs)).toBe(jobs[2]);
  expect(jobOf({ name: "tensorboard" }, jobs)).toBeUndefined();
  expect(jobOfCall("/api/toolboxes/llama-cpp:install?rebuild=true", jobs)).toBe(jobs[2]);
  expect(jobOfCall("/api/system:clean", jobs)).toBeUndefined();
});

it("of a hundred packages those are named that do the work", () => {
  const made = { versions: { zlib: "1", torch: "2.13.0+cpu", llamafactory: "0.9.5" } } as unknown as Toolbox["made"];
  expect(tellingVersions(made)).toEqual(["torch 2.13.0+cpu", "llamafactory 0.9.5"]);
  expect(tellingVersions(null)).toEqual([]);
});
