import type { Diagnosis, Job, Service, SourceState } from "@/client/types";
import type { Tone } from "@/components/state/State";
import { plural } from "@/lib/format";

import { active, failedLately } from "./lately";

export interface Verdict {
  tone: Tone;
  words: string;
}

interface Known {
  services?: { source: SourceState; services: Service[] };
  diagnosis?: Diagnosis;
  jobs?: Job[];
}

/** Is all well? One sentence about what isn't, the worst first; null before anything is known. */
export function verdict({ services, diagnosis, jobs }: Known, now: number): Verdict | null {
  if (!services && !jobs && !diagnosis) return null;
  const bad: string[] = [];
  const odd: string[] = [];
  if (services?.source.reachable === false)
    bad.push(`${services.source.kind === "docker" ? "the Docker engine" : "the services"} can’t be asked`);
  const failed = services?.services.filter((each) => each.state === "failed") ?? [];
  if (failed.length) bad.push(`${list(failed.map((each) => each.title || each.name))} failed`);
  const findings = diagnosis?.findings.filter((each) => each.level !== "ok") ?? [];
  const errors = findings.filter((each) => each.level === "error").length;
  if (errors) bad.push(`the doctor found ${plural(errors, "fault")}`);
  if (findings.length > errors) odd.push(`the doctor has ${plural(findings.length - errors, "remark")}`);
  const broke = jobs ? failedLately(jobs, now).length : 0;
  if (broke) odd.push(`${plural(broke, "job")} failed lately`);
  const running = jobs ? active(jobs).length : 0;
  const work = running ? `; ${plural(running, "job")} under way` : "";
  if (bad.length) return { tone: "bad", words: `${capital(list([...bad, ...odd]))}${work}.` };
  if (odd.length) return { tone: "wait", words: `All runs, but ${list(odd)}${work}.` };
  return { tone: "good", words: `All is well${work || (jobs ? "; nothing runs" : "")}.` };
}

function list(words: string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
