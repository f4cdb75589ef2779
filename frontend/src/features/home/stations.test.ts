import { describe, expect, it } from "vitest";

import type { Artifact, Dataset, Deployment, Job, Run, Served } from "@/client/types";

import { factsOf, nextOf, pairToChat, unreleased, type Known } from "./stations";

const artifact = (id: string, kind: Artifact["kind"], more: Partial<Artifact> = {}) =>
  ({ id, kind, name: id, problems: [], modified_at: "2026-01-02T00:00:00Z", ...more }) as Artifact;
const dataset = (rows: number, problems: string[] = []) => ({ name: "d", rows, problems }) as unknown as Dataset;
const run = (more: Partial<Run> = {}) => ({ name: "r", made_outside: false, ...more }) as Run;
const job = (kind: string, state: Job["state"], more: Partial<Job> = {}) =>
  ({ id: kind, kind, state, ended_at: state === "running" ? null : "2026-01-02T00:00:00Z", ...more }) as Job;
const served = (name: string, adapter: string, made_at = "2026-01-03T00:00:00Z") =>
  ({ name, current: 1, releases: [{ name, number: 1, adapter, made_at, base: "models/base/smol" }] }) as Served;

const base = artifact("models/base/b", "base");
const adapter = artifact("saves/a", "adapter");
const nothing: Known = { datasets: [], runs: [], artifacts: [], releases: [], deployments: [], jobs: [] };

describe("what is at a station", () => {
  it("isn't known before its lists are", () => {
    expect(factsOf("models", { artifacts: [base] })).toBeNull();
    expect(factsOf("data", {})).toBeNull();
  });

  it("is nothing where nothing is, never a 0", () => {
    for (const station of ["data", "runs", "models", "release", "chat"] as const) expect(factsOf(station, nothing)).toEqual([]);
  });

  it("is said in words", () => {
    expect(factsOf("data", { datasets: [dataset(1000), dataset(236, ["x"])] })).toEqual([
      "2 data sets",
      "1,236 rows",
      "1 with problems",
    ]);
    expect(
      factsOf("models", { artifacts: [base, adapter, artifact("c", "adapter", { checkpoint: 5 })], releases: [] }),
    ).toEqual(["1 base model", "1 adapter", "1 not released yet"]);
    expect(factsOf("release", { releases: [served("a", "x"), { name: "b", current: null, releases: [] }] })).toEqual([
      "1 served name",
      "a",
      "1 release",
    ]);
    const models = ["ready", "stopped", "failed"].map((state) => ({ state }) as Deployment);
    expect(factsOf("chat", { deployments: models })).toEqual(["3 models to talk to", "1 in memory", "1 failed"]);
  });

  it("a run of ours goes on as its job does, another as its files say", () => {
    const runs = [run({ job: "train" }), run({ job: "gone" }), run({ made_outside: true, state: "running" })];
    expect(factsOf("runs", { runs, jobs: [job("train", "running")] })).toEqual(["3 runs", "2 going on now"]);
  });
});

describe("what to do next", () => {
  it("isn't said before all is known", () => {
    expect(nextOf({ ...nothing, jobs: undefined })).toBeNull();
  });

  it("leads a newcomer from a base to an answer", () => {
    expect(nextOf(nothing)).toBe("models");
    const withBase = { ...nothing, artifacts: [base] };
    expect(nextOf(withBase)).toBe("data");
    const withRows = { ...withBase, datasets: [dataset(3)] };
    expect(nextOf(withRows)).toBe("runs");
    const trained = { ...withRows, runs: [run()], artifacts: [base, adapter] };
    expect(nextOf(trained)).toBe("release");
    expect(nextOf({ ...trained, releases: [served("facts", adapter.id)] })).toBe("chat");
  });

  it("is nothing while a job is at it", () => {
    expect(nextOf({ ...nothing, jobs: [job("import", "running")] })).toBeNull();
    const withRows = { ...nothing, artifacts: [base], datasets: [dataset(3)] };
    expect(nextOf({ ...withRows, jobs: [job("train", "pending", { ended_at: null })] })).toBeNull();
    expect(nextOf({ ...withRows, artifacts: [base, adapter], jobs: [job("release", "running")] })).toBeNull();
  });

  it("an adapter newer than the last release is released next, an older one isn't pressed", () => {
    const known = { ...nothing, datasets: [dataset(1)], releases: [served("facts", "saves/a")] };
    const second = (modified_at: string) => [base, adapter, artifact("saves/b", "adapter", { modified_at })];
    expect(nextOf({ ...known, artifacts: second("2026-01-04T00:00:00Z") })).toBe("release");
    expect(nextOf({ ...known, artifacts: second("2026-01-01T00:00:00Z") })).toBe("chat");
  });
});

it("broken adapters and checkpoints aren't waiting for a release; the newest comes first", () => {
  const all = [
    artifact("old", "adapter", { modified_at: "2026-01-01T00:00:00Z" }),
    artifact("new", "adapter"),
    artifact("broken", "adapter", { problems: ["no weights"] }),
    artifact("checkpoint", "adapter", { checkpoint: 10 }),
    artifact("released", "adapter"),
  ];
  expect(unreleased(all, [served("x", "released")]).map((each) => each.id)).toEqual(["new", "old"]);
});

describe("the pair to talk to", () => {
  const model = (name: string, release: number | null, more: Partial<Deployment> = {}) =>
    ({ name, release, made_outside: false, ...more }) as Deployment;

  it("is the newest current release beside its base", () => {
    const deployments = [model("facts", 1), model("later", 1), model("smol", null)];
    const releases = [served("later", "b", "2026-02-01T00:00:00Z"), served("facts", "a")];
    expect(pairToChat(deployments, releases)).toEqual({ left: "smol", right: "later" });
  });

  it("is the release alone where its base isn't served, and any model where nothing is released", () => {
    expect(pairToChat([model("facts", 1)], [served("facts", "a")])).toEqual({ left: "facts" });
    expect(pairToChat([model("smol", null)], [])).toEqual({ left: "smol" });
    expect(pairToChat([], [])).toEqual({ left: undefined });
  });
});
