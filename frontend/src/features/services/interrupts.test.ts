import { expect, it } from "vitest";

import { Problem } from "@/client/problem";
import type { Deployment, Job } from "@/client/types";

import { canBeForced, jobsAgainst, losses } from "./interrupts";

const job = (id: string, ended_at: string | null = null) => ({ id, title: `Train ${id}`, ended_at }) as Job;
const problem = (status: number, detail: string, remedy = "") =>
  new Problem({ title: "LLaMA-Factory is at work", status, detail, remedy });

it("a refusal names the jobs that run, by their ids", () => {
  const jobs = [job("260101-101010-train-abcde"), job("260101-101011-train-fghij"), job("260101-101012-train-ended", "x")];
  const said = problem(409, "A job runs in it: Train x (260101-101010-train-abcde), Old (260101-101012-train-ended).");
  expect(jobsAgainst(said, jobs).map((each) => each.id)).toEqual(["260101-101010-train-abcde"]);
});

it("force helps where the API says so, and nowhere else", () => {
  expect(canBeForced(problem(409, "LlamaBoard trains saves/x.", "Wait, or ask with force=true: it will break off."))).toBe(
    true,
  );
  expect(canBeForced(problem(409, "Natively Tunesmith starts its own tools only.", "Use what you started it with."))).toBe(
    false,
  );
  expect(canBeForced(problem(503, "The engine is away.", "Try force=true."))).toBe(false);
});

it("stopping an engine stops every name on its process, and breaks its answers off", () => {
  const model = (name: string, instance: string, more: Partial<Deployment> = {}) =>
    ({ name, instance, engine: "llama.cpp", in_flight: 0, ...more }) as Deployment;
  const all = [model("facts", "a"), model("base", "a"), model("other", "b"), model("ollama", "a", { engine: "ollama" })];
  expect(losses(model("facts", "a", { in_flight: 2 }), all)).toEqual({ names: ["base"], answers: 2 });
  expect(losses(model("other", "b"), all)).toBeNull();
  expect(losses(model("x", ""), [model("y", "")])).toBeNull();
});
