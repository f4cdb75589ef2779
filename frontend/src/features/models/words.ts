import type { Artifact } from "@/client/types";

import type { NodeKind } from "./tree";

const KINDS: Record<NodeKind, string> = {
  base: "base model",
  adapter: "adapter",
  checkpoint: "checkpoint",
  merged: "merged model",
  gguf: "GGUF",
  "gguf-adapter": "GGUF adapter",
  served: "served name",
  run: "run",
  group: "",
};

export const kindWord = (kind: NodeKind): string => KINDS[kind];

/** What tells one artifact from another of its kind, in a few words. */
export function noteOf(artifact: Artifact): string {
  const parts = [
    artifact.architecture,
    artifact.parameters ? magnitude(artifact.parameters) : null,
    artifact.rank ? `rank ${artifact.rank}` : null,
    artifact.quantisation,
  ];
  return parts.filter(Boolean).join(" · ");
}

/** 135 M, 7.2 B: as parameters are spoken of. */
export function magnitude(value: number): string {
  const units = [
    [1e12, "T"],
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const;
  const [size, unit] = units.find(([least]) => value >= least) ?? [1, ""];
  const scaled = value / size;
  const digits = size === 1 || scaled >= 100 ? 0 : 1;
  return `${scaled.toFixed(digits).replace(/\.0$/, "")}${unit && ` ${unit}`}`;
}

/** The short name of what a path names: its last part. */
export function lastPart(path: string): string {
  return path.split("/").findLast(Boolean) ?? path;
}

/** Why this model is here, as its own record says: "hub owner/name@main". */
export function sourceOf(artifact: Artifact): string | null {
  const source = artifact.lineage?.recipe.source;
  return typeof source === "string" ? source : null;
}
