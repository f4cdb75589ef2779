import { expect, it } from "vitest";

import type { Diagnosis, Job, Service, SourceState } from "@/client/types";

import { verdict } from "./verdict";

const NOW = Date.parse("2026-01-10T00:00:00Z");
const native: SourceState = { kind: "native", reachable: true, problem: "" };
const service = (title: string, state: Service["state"]) => ({ name: title.toLowerCase(), title, state }) as Service;
const doctor = (...levels: ("ok" | "warn" | "error")[]): Diagnosis => ({
  level: "ok",
  findings: levels.map((level, index) => ({ id: String(index), level, title: "", detail: "", remedy: "" })),
});
const job = (state: Job["state"], ended_at: string | null = null) =>
  ({ id: state, title: state, state, created_at: "2026-01-09T00:00:00Z", ended_at, steps: [] }) as unknown as Job;

it("nothing is said before anything is known", () => {
  expect(verdict({}, NOW)).toBeNull();
});

it("a service that isn't there is no fault", () => {
  const services = { source: native, services: [service("Ollama", "absent"), service("TensorBoard", "stopped")] };
  expect(verdict({ services, jobs: [], diagnosis: doctor("ok") }, NOW)).toEqual({
    tone: "good",
    words: "All is well; nothing runs.",
  });
});

it("what is under way is said beside", () => {
  expect(verdict({ jobs: [job("running"), job("pending")] }, NOW)?.words).toBe("All is well; 2 jobs under way.");
});

it("failures come first, by name", () => {
  const services = { source: native, services: [service("Ollama", "failed"), service("LlamaBoard", "failed")] };
  const found = verdict({ services, diagnosis: doctor("error", "warn", "ok"), jobs: [] }, NOW);
  expect(found).toEqual({
    tone: "bad",
    words: "Ollama and LlamaBoard failed, the doctor found 1 fault and the doctor has 1 remark.",
  });
});

it("what only needs a look isn't called bad", () => {
  const found = verdict({ jobs: [job("failed", "2026-01-09T00:00:00Z")], diagnosis: doctor("warn") }, NOW);
  expect(found).toEqual({ tone: "wait", words: "All runs, but the doctor has 1 remark and 1 job failed lately." });
});

it("an engine that can't be asked is said", () => {
  const source: SourceState = { kind: "docker", reachable: false, problem: "x" };
  expect(verdict({ services: { source, services: [] } }, NOW)?.words).toBe("The Docker engine can’t be asked.");
});
