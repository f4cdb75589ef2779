import type { Artifact, ArtifactKind, Deployment, Release, Served } from "@/client/types";

/** Records for tests. */
export const DAY = "2026-03-01T10:00:00Z";

export function artifact(id: string, kind: ArtifactKind, more: Partial<Artifact> & { from?: string[] } = {}): Artifact {
  const { from, ...given } = more;
  return {
    id,
    kind,
    name: id.split("/").at(-1)?.replace(/\.gguf$/, "") ?? id,
    bytes: 1000,
    modified_at: DAY,
    problems: [],
    lineage: from ? { kind, job: "260301-100000-x-abcd", step: "s", parents: from, recipe: {}, made_at: DAY } : null,
    ...given,
  };
}

export function release(name: string, number: number, more: Partial<Release> = {}): Served["releases"][number] {
  return {
    name,
    number,
    way: "adapter",
    engine: "llama.cpp",
    pieces: [],
    adapter: "",
    base: "models/base/b",
    quantisation: "q8_0",
    made_at: DAY,
    current: true,
    ...more,
  } as Served["releases"][number];
}

export const served = (name: string, releases: Served["releases"], current: number | null = 1): Served => ({ name, current, releases });

export const deployment = (name: string, more: Partial<Deployment> = {}): Deployment =>
  ({ name, engine: "llama.cpp", release: 1, base: "b", state: "ready", ...more }) as Deployment;

/** A home in which everything was made once: base → adapter → (GGUF adapter | merged → GGUF) → a served name each. */
export function small() {
  const base = "models/base/b";
  const adapter = "saves/facts";
  return {
    artifacts: [
      artifact(base, "base", { bytes: 500 }),
      artifact(adapter, "adapter", { base, run: "facts", from: [base, "data/rows.jsonl"], bytes: 10, rank: 16 }),
      artifact("saves/facts/checkpoint-9", "adapter", { base, run: "facts", checkpoint: 9, bytes: 20 }),
      artifact("saves/facts/checkpoint-10", "adapter", { base, run: "facts", checkpoint: 10, bytes: 20 }),
      artifact("models/merged/facts-1", "merged", { base, from: [adapter, base], bytes: 500 }),
      artifact("models/gguf/facts-1-q8_0.gguf", "gguf", { from: ["models/merged/facts-1"], bytes: 250 }),
      artifact("models/gguf/b-q8_0.gguf", "gguf", { base, from: [base], bytes: 250 }),
      artifact("models/adapters/facts-1.gguf", "gguf-adapter", { base, from: [adapter, base], bytes: 5 }),
    ],
    served: [
      served("facts", [
        release("facts", 1, {
          adapter,
          base,
          pieces: [
            { role: "model", path: "models/gguf/b-q8_0.gguf", sha256: "", bytes: 250 },
            { role: "adapter", path: "models/adapters/facts-1.gguf", sha256: "", bytes: 5 },
          ],
        }),
      ]),
    ],
    deployments: [deployment("facts"), deployment("b", { release: null })],
  };
}
