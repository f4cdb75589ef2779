import { expect, it } from "vitest";

import type { Job, Toolbox } from "@/client/types";

import { jobOf, jobOfCall, sharedBy, tellingVersions, verbOf } from "./toolboxes";

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

it("several that share files are told with what they take together; one alone, or those that lie elsewhere, are not", () => {
  const box = (path: string) => ({ path, made: { bytes: 10 } }) as Toolbox;
  const [one, two, elsewhere] = ["/cache/toolboxes/x-1", "/cache/toolboxes/y-2", "/opt/y"].map(box) as [Toolbox, Toolbox, Toolbox];
  const folder = { part: "toolboxes", path: "/cache/toolboxes", bytes: 15, alone: 20, files: 2, entries: [] };
  expect(sharedBy([one, two], [folder])).toBe(15);
  expect(sharedBy([one, two], [{ ...folder, alone: 15 }])).toBeNull();
  expect(sharedBy([one, elsewhere], [folder])).toBeNull();
  expect(sharedBy([one, two], undefined)).toBeNull();
});
