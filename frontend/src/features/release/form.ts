import type { Artifact, ReleaseOptions, ReleaseRequest, Served } from "@/client/types";
import { isName, suggestion } from "@/lib/names";

export type Engine = NonNullable<ReleaseRequest["engine"]>;
export type Way = NonNullable<ReleaseRequest["way"]>;

/** A release that is being put together. Null: as the training's record says, or as the engine can load it. */
export interface ReleaseForm {
  adapter: string;
  name: string;
  base: string | null;
  template: string | null;
  system: string;
  quantisation: string;
  engine: Engine;
  way: Way | null;
}

export const NEW: ReleaseForm = {
  adapter: "",
  name: "",
  base: null,
  template: null,
  system: "",
  quantisation: "f16",
  engine: "llama.cpp",
  way: null,
};

/** A form that was kept, whatever an earlier version of this page kept. */
export function parseForm(stored: Record<string, unknown>): ReleaseForm {
  return {
    adapter: word(stored.adapter) ?? "",
    name: word(stored.name) ?? "",
    base: word(stored.base),
    template: word(stored.template),
    system: word(stored.system) ?? "",
    quantisation: word(stored.quantisation) ?? NEW.quantisation,
    engine: stored.engine === "ollama" ? "ollama" : "llama.cpp",
    way: stored.way === "adapter" || stored.way === "merge" ? stored.way : null,
  };
}

/** The kept form as an address changes it: another adapter brings its own base, template and name. */
export function formAt(kept: ReleaseForm, asked: { adapter?: string; name?: string }): ReleaseForm {
  const { adapter = kept.adapter, name } = asked;
  const form = adapter === kept.adapter ? kept : withAdapter(kept, adapter);
  return name === undefined || kept.name === name ? form : { ...form, name };
}

export function withAdapter(form: ReleaseForm, adapter: string): ReleaseForm {
  const named = form.name === "" || form.name === nameFor(form.adapter);
  return { ...form, adapter, base: null, template: null, way: null, name: named ? nameFor(adapter) : form.name };
}

/** The name that a release of this adapter gets as long as no other is typed: that of its run. */
export function nameFor(adapter: string): string {
  const parts = adapter.split("/").filter((part) => part !== "saves" && part !== "lora");
  const last = parts.at(-1);
  if (!last) return "";
  const step = /^checkpoint-(\d+)$/.exec(last)?.[1];
  return suggestion(step === undefined ? last : `${parts.at(-2) ?? "checkpoint"}-${step}`);
}

/** What the API is asked for; null while something is missing that it can't do without. */
export function requestOf(form: ReleaseForm): ReleaseRequest | null {
  if (form.adapter === "" || !isName(form.name)) return null;
  const { adapter, name, base, template, quantisation, engine, way } = form;
  return { adapter, name, base, template, quantisation, engine, way, system: form.system.trim() === "" ? null : form.system };
}

/** What a name that is typed stands for already; null for a new one. */
export function takenBy(name: string, served: readonly Served[]): string | null {
  const found = served.find((each) => each.name === name);
  const newest = found?.releases.at(-1)?.number;
  if (!found || newest === undefined) return null;
  const stands = found.current === null ? "" : ` It stands for release ${found.current} until this one is proven.`;
  return `This becomes release ${newest + 1} of ${name}.${stands}`;
}

/** Why the engine of the form has to have it merged; empty when it can load the adapter. */
export function merged(options: ReleaseOptions | undefined, engine: Engine): string[] {
  return options?.engines.find((each) => each.name === engine)?.no_adapters ?? [];
}

export interface AdapterChoice {
  value: string;
  label: string;
  /** A checkpoint stands under its run. */
  checkpoint: boolean;
  artifact: Artifact;
}

/** Adapters to choose from: runs by their newest change, each followed by its checkpoints, the last first. */
export function adapterChoices(artifacts: readonly Artifact[]): AdapterChoice[] {
  const runs = new Map<string, Artifact[]>();
  for (const artifact of artifacts) {
    if (artifact.kind !== "adapter") continue;
    const run = artifact.run ?? artifact.id;
    runs.set(run, [...(runs.get(run) ?? []), artifact]);
  }
  const newest = (members: Artifact[]) => members.reduce((last, each) => (each.modified_at > last ? each.modified_at : last), "");
  return [...runs.values()]
    .sort((a, b) => (newest(a) < newest(b) ? 1 : -1))
    .flatMap((members) => members.sort((a, b) => rank(b) - rank(a)).map(choice));
}

/** The adapter that a run ended with stands before its checkpoints. */
function rank(artifact: Artifact): number {
  return artifact.checkpoint ?? Infinity;
}

function choice(artifact: Artifact): AdapterChoice {
  const { checkpoint } = artifact;
  const label = checkpoint == null ? (artifact.run ?? artifact.name) : `${artifact.run ?? artifact.name} · step ${checkpoint}`;
  return { value: artifact.id, label, checkpoint: checkpoint != null, artifact };
}

function word(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
