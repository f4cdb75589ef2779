import type { Artifact, Dataset, Deployment, Job, Run, Served } from "@/client/types";
import { plural } from "@/lib/format";

/** The way of the work. */
export const STATIONS = ["models", "data", "runs", "release", "chat"] as const;
export type StationName = (typeof STATIONS)[number];

/** All that Home knows of the way; a list that isn't known yet is undefined. */
export interface Known {
  datasets?: Dataset[];
  runs?: Run[];
  artifacts?: Artifact[];
  releases?: Served[];
  deployments?: Deployment[];
  jobs?: Job[];
}

/** What is in a station, a fact each; null: not known yet. Empty: nothing is in it. */
export type Facts = string[] | null;

export function factsOf(station: StationName, known: Known): Facts {
  switch (station) {
    case "data":
      return known.datasets ? dataFacts(known.datasets) : null;
    case "runs":
      return known.runs && known.jobs ? runFacts(known.runs, known.jobs) : null;
    case "models":
      return known.artifacts && known.releases ? modelFacts(known.artifacts, known.releases) : null;
    case "release":
      return known.releases ? releaseFacts(known.releases) : null;
    case "chat":
      return known.deployments ? chatFacts(known.deployments) : null;
  }
}

function dataFacts(datasets: Dataset[]): string[] {
  const rows = datasets.reduce((sum, each) => sum + each.rows, 0);
  const bad = datasets.filter((each) => each.problems.length > 0).length;
  return [
    ...some(datasets.length, "data set"),
    ...(datasets.length ? [plural(rows, "row")] : []),
    ...(bad ? [`${bad} with problems`] : []),
  ];
}

function runFacts(runs: Run[], jobs: Job[]): string[] {
  const going = runs.filter((run) => isGoing(run, jobs)).length;
  return [...some(runs.length, "run"), ...(going ? [`${going} going on now`] : [])];
}

/** Runs of ours are told by their job, others by their files. */
export function isGoing(run: Run, jobs: Job[]): boolean {
  if (run.made_outside) return run.state === "running";
  return jobs.some((job) => job.id === run.job && job.state === "running");
}

function modelFacts(artifacts: Artifact[], releases: Served[]): string[] {
  const count = (kind: Artifact["kind"]) => artifacts.filter((each) => each.kind === kind).length;
  const waiting = unreleased(artifacts, releases).length;
  return [
    ...some(count("base"), "base model"),
    ...some(adapters(artifacts).length, "adapter"),
    ...(waiting ? [`${waiting} not released yet`] : []),
    ...some(count("merged"), "merged model"),
    ...some(count("gguf"), "GGUF file"),
  ];
}

/** Served names that are said by name. */
const NAMED = 3;

function releaseFacts(releases: Served[]): string[] {
  const current = releases.filter((each) => each.current !== null);
  const records = releases.reduce((sum, each) => sum + each.releases.length, 0);
  const names = current.slice(0, NAMED).map((each) => each.name);
  const more = current.length > NAMED ? ", …" : "";
  return [
    ...some(current.length, "served name"),
    ...(names.length ? [names.join(", ") + more] : []),
    ...some(records, "release"),
  ];
}

function chatFacts(deployments: Deployment[]): string[] {
  const ready = deployments.filter((each) => each.state === "ready").length;
  const failed = deployments.filter((each) => each.state === "failed").length;
  return [
    ...(deployments.length ? [`${plural(deployments.length, "model")} to talk to`] : []),
    ...(ready ? [`${ready} in memory`] : []),
    ...(failed ? [`${failed} failed`] : []),
  ];
}

const some = (value: number, one: string) => (value ? [plural(value, one)] : []);

/** Finished adapters; a checkpoint belongs to its run. */
function adapters(artifacts: Artifact[]): Artifact[] {
  return artifacts.filter((each) => each.kind === "adapter" && each.checkpoint == null);
}

/** Adapters of which no release was made, newest first. */
export function unreleased(artifacts: Artifact[], releases: Served[]): Artifact[] {
  const released = new Set(releases.flatMap((each) => each.releases.map((release) => release.adapter)));
  return adapters(artifacts)
    .filter((each) => !released.has(each.id) && each.problems.length === 0)
    .sort((a, b) => (a.modified_at < b.modified_at ? 1 : -1));
}

/**
 * What to do next, by what is there: rows and a base, a training, a release, a chat. Null while that isn't known, and
 * while a job is at it.
 */
export function nextOf(known: Known): StationName | null {
  const { datasets, runs, artifacts, releases, jobs } = known;
  if (!datasets || !runs || !artifacts || !releases || !jobs) return null;
  const busy = (...kinds: string[]) => jobs.some((job) => !job.ended_at && kinds.includes(job.kind));
  if (!artifacts.some((each) => each.kind === "base")) return busy("import") ? null : "models";
  if (datasets.length === 0) return busy("demo") ? null : "data";
  const waiting = unreleased(artifacts, releases)[0];
  const latest = releases
    .flatMap((each) => each.releases.map((release) => release.made_at))
    .sort()
    .at(-1);
  if (waiting && (!latest || waiting.modified_at > latest)) return busy("release") ? null : "release";
  if (latest) return "chat";
  return busy("train") || runs.some((run) => isGoing(run, jobs)) ? null : "runs";
}

/** Nothing was made yet: somebody is at the very beginning. */
export function isNew({ datasets, runs, artifacts }: Known): boolean {
  return [datasets, runs, artifacts].every((list) => list?.length === 0);
}

/** The pair worth talking to: the newest release that is current, beside its base. */
export function pairToChat(deployments: Deployment[], releases: Served[]): { left?: string; right?: string } {
  const current = releases.flatMap((each) => each.releases.filter((release) => release.number === each.current));
  const newest = current.sort((a, b) => (a.made_at < b.made_at ? 1 : -1))[0];
  if (!newest) return { left: deployments[0]?.name };
  const base = deployments.find(
    (each) => each.release == null && !each.made_outside && newest.base.split("/").at(-1) === each.name,
  );
  return base ? { left: base.name, right: newest.name } : { left: newest.name };
}
