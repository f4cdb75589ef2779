import type { Problem } from "@/client/problem";
import type { Deployment, Job } from "@/client/types";

/** Whether asking with force would help: the service is at work, and the API's remedy says so. */
export const canBeForced = (problem: Problem): boolean => problem.status === 409 && problem.remedy.includes("force=true");

/** The jobs that a refusal names by their ids. */
export function jobsAgainst(problem: Problem, jobs: readonly Job[]): Job[] {
  const ids = new Set(problem.detail.match(/[a-z0-9][a-z0-9-]{3,60}/g) ?? []);
  return jobs.filter((job) => !job.ended_at && ids.has(job.id));
}

/** What stopping an engine also stops, and what breaks off; null when nobody would notice. */
export function losses(deployment: Deployment, all: readonly Deployment[]): { names: string[]; answers: number } | null {
  const shared = deployment.instance
    ? all.filter((each) => each.engine === deployment.engine && each.instance === deployment.instance)
    : [];
  const names = shared.map((each) => each.name).filter((name) => name !== deployment.name);
  // Requests are counted by the process, so each name on it says the same number.
  const answers = deployment.in_flight;
  return names.length || answers ? { names, answers } : null;
}
