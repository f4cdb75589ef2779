import type { components } from "@/client/schema";

type Schemas = components["schemas"];

export type LogPart = Schemas["LogPart"];
export type LogText = Schemas["LogText"];
export type LogGap = Schemas["LogGap"];
export type JobLogEvent = Schemas["LogEvent"];
export type ServiceLogEvent = Schemas["ServiceLogEvent"];

/**
 * Whose log: a job's (the logs of its attempts, one after the other), or a service's. `engine`: `name` is a served name,
 * and the log that of the engine behind it, which is told as a service's.
 */
export type LogSource = { of: "job"; id: string } | { of: "service"; name: string; engine?: boolean };

function base(source: LogSource): string {
  if (source.of === "job") return `/api/jobs/${encodeURIComponent(source.id)}/log`;
  return `/api/${source.engine ? "deployments" : "services"}/${encodeURIComponent(source.name)}/logs`;
}

/** The stream of what is added. A service's begins with its last `tail` lines. */
export function followUrl(source: LogSource, tail: number): string {
  return source.of === "job" ? `${base(source)}/stream` : `${base(source)}/follow?tail=${tail}`;
}

/** All of it as a file, or that of one step. */
export function fileUrl(source: LogSource, step?: string): string {
  if (source.of === "service") return `${base(source)}?whole=true`;
  return step ? `${base(source)}?step=${encodeURIComponent(step)}` : base(source);
}

export function fileName(source: LogSource, step?: string): string {
  if (source.of === "service") return `${source.name}.log`;
  return step ? `${source.id}-${step}.log` : `${source.id}.log`;
}

/** The bytes of one attempt's log. */
export function attemptUrl(id: string, step: string, attempt: number): string {
  return `${base({ of: "job", id })}?step=${encodeURIComponent(step)}&attempt=${attempt}`;
}

export function partsUrl(id: string): string {
  return `${base({ of: "job", id })}/parts`;
}

/** How many lines end in a stretch of an attempt's log. */
export function linesUrl(id: string, step: string, attempt: number, start: number, end: number): string {
  return `${base({ of: "job", id })}/lines?step=${encodeURIComponent(step)}&attempt=${attempt}&start=${start}&end=${end}`;
}

/** `02-merge` as people call it. */
export function stepName(step: string): string {
  return step.replace(/^\d+-/, "");
}
