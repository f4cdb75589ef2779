import type { Artifact, ArtifactKind, Deployment, Served } from "@/client/types";

import { lastPart, noteOf, sourceOf } from "./words";

export type NodeKind = ArtifactKind | "checkpoint" | "run" | "served" | "group";

/** One line of the tree: an artifact, a served name, or a heading over what has no base here. */
export interface TreeNode {
  key: string;
  kind: NodeKind;
  name: string;
  note: string;
  /** Bytes of its own; null where they aren't known or don't lie in this home. */
  bytes: number | null;
  /** Its own bytes and those of all below. */
  total: number;
  /** How many artifacts and served names are below. */
  below: number;
  at: string | null;
  problems: string[];
  artifact?: Artifact;
  deployment?: Deployment;
  children: TreeNode[];
}

export interface Known {
  artifacts: readonly Artifact[];
  served: readonly Served[];
  deployments: readonly Deployment[];
}

/** The order of what stands below one thing: first what it is used as, then what it was made into, then its past. */
const ORDER: readonly NodeKind[] = ["served", "adapter", "run", "merged", "gguf", "gguf-adapter", "base", "checkpoint", "group"];

/**
 * Everything there is, each thing once, below what it was made from: an adapter below its base, a checkpoint below its
 * run's adapter, what was merged or converted below its adapter, a served name below the adapter it serves.
 */
export function treeOf(known: Known): TreeNode[] {
  const grove = new Grove(known.artifacts);
  for (const artifact of known.artifacts) grove.plant(artifact);
  for (const served of known.served) grove.plantServed(served, deploymentOf(served, known.deployments));
  const released = new Set(known.served.map(({ name }) => name));
  for (const deployment of known.deployments) if (!released.has(deployment.name)) grove.plantDeployment(deployment);
  return grove.roots();
}

class Grove {
  private readonly nodes = new Map<string, TreeNode>();
  private readonly above = new Map<string, string>();
  private readonly bases: readonly Artifact[];
  private readonly finished = new Map<string, string>();

  constructor(artifacts: readonly Artifact[]) {
    this.bases = artifacts.filter(({ kind }) => kind === "base");
    for (const artifact of artifacts) {
      this.nodes.set(artifact.id, nodeOf(artifact));
      if (artifact.run && artifact.checkpoint == null) this.finished.set(artifact.run, artifact.id);
    }
  }

  plant(artifact: Artifact): void {
    if (artifact.kind === "base") return;
    const parent = artifact.checkpoint == null ? this.parentOf(artifact) : this.runOf(artifact);
    this.hang(artifact.id, parent);
  }

  plantServed(served: Served, deployment: Deployment | undefined): void {
    const release = currentOf(served);
    const node = servedNode(served.name, deployment, release?.made_at ?? null);
    node.note = release ? `release ${release.number} · ${release.quantisation} · ${release.engine}` : "no current release";
    this.nodes.set(node.key, node);
    const from = [release?.adapter, ...(release?.pieces ?? []).map(({ path }) => path), release?.base];
    this.hang(node.key, from.find((id) => id && this.nodes.has(id)) ?? this.unknown(release?.base));
  }

  /** What is served without a release of ours: a base as it is, or a model that was made on Ollama by hand. */
  plantDeployment(deployment: Deployment): void {
    const node = servedNode(deployment.name, deployment, null);
    this.nodes.set(node.key, node);
    if (deployment.made_outside) {
      node.note = [deployment.base, deployment.engine].filter(Boolean).join(" · ");
      this.hang(node.key, this.group("group:ollama", "On Ollama, made elsewhere"));
    } else {
      node.note = `as it is · ${deployment.engine}`;
      this.hang(node.key, this.baseOf(deployment.base) ?? this.unknown(deployment.base));
    }
  }

  roots(): TreeNode[] {
    const roots: TreeNode[] = [];
    for (const [key, node] of this.nodes) {
      const parent = this.nodes.get(this.above.get(key) ?? "");
      (parent?.children ?? roots).push(node);
    }
    roots.sort((a, b) => Number(a.kind === "group") - Number(b.kind === "group") || byName.compare(a.name, b.name));
    for (const root of roots) settle(root);
    return roots;
  }

  private parentOf(artifact: Artifact): string {
    const parents = (artifact.lineage?.parents ?? []).filter((id) => id !== artifact.id && this.nodes.has(id));
    const nearest = parents.find((id) => this.nodes.get(id)?.kind !== "base");
    return nearest ?? this.baseOf(artifact.base) ?? parents[0] ?? this.unknown(artifact.base);
  }

  /** A checkpoint stands below its run's adapter; as long as there is none, below the run. */
  private runOf(checkpoint: Artifact): string {
    const run = checkpoint.run ?? "";
    const adapter = this.finished.get(run);
    if (adapter) return adapter;
    const key = `run:${run}`;
    if (!this.nodes.has(key)) {
      this.nodes.set(key, { ...EMPTY, key, kind: "run", name: run, note: "no finished adapter", children: [], problems: [] });
      this.hang(key, this.baseOf(checkpoint.base) ?? this.unknown(checkpoint.base));
    }
    return key;
  }

  /** A base by its path, by the hub's name that other tools write, or by its own name. */
  private baseOf(named: string | null | undefined): string | undefined {
    if (!named) return undefined;
    if (this.nodes.get(named)?.kind === "base") return named;
    const found =
      this.bases.find((base) => sourceOf(base)?.startsWith(`hub ${named}@`)) ?? this.bases.find(({ name }) => name === named);
    return found?.id;
  }

  private unknown(base: string | null | undefined): string {
    if (!base) return this.group("group:unknown", "Base unknown");
    return this.group(`group:${base}`, lastPart(base), `its base isn’t here: ${base}`);
  }

  private group(key: string, name: string, note = ""): string {
    if (!this.nodes.has(key)) this.nodes.set(key, { ...EMPTY, key, kind: "group", name, note, children: [], problems: [] });
    return key;
  }

  /** Records written by hand may say that two things were made from each other; the second then stands by itself. */
  private hang(key: string, parent: string): void {
    for (let at: string | undefined = parent; at !== undefined; at = this.above.get(at)) {
      if (at === key) return this.hang(key, this.group("group:unknown", "Base unknown"));
    }
    this.above.set(key, parent);
  }
}

const EMPTY = { bytes: null, total: 0, below: 0, at: null };

function nodeOf(artifact: Artifact): TreeNode {
  const { id, checkpoint } = artifact;
  return {
    key: id,
    kind: checkpoint == null ? artifact.kind : "checkpoint",
    name: checkpoint == null ? artifact.name : lastPart(id),
    note: noteOf(artifact),
    bytes: artifact.bytes,
    total: 0,
    below: 0,
    at: artifact.modified_at,
    problems: artifact.problems,
    artifact,
    children: [],
  };
}

function servedNode(name: string, deployment: Deployment | undefined, at: string | null): TreeNode {
  // A model on Ollama lies in Ollama's own folder: it is no part of what this home takes.
  const key = `served:${name}`;
  return { ...EMPTY, key, kind: "served", name, note: "", at, problems: [], deployment, children: [] };
}

/** The release that the name stands for; the newest where it stands for none. */
export function currentOf(served: Served): Served["releases"][number] | undefined {
  return served.releases.find(({ number }) => number === served.current) ?? served.releases.at(-1);
}

export function deploymentOf(served: Served, deployments: readonly Deployment[]): Deployment | undefined {
  const named = deployments.filter(({ name }) => name === served.name);
  return named.find(({ release }) => release === served.current) ?? named[0];
}

const byName = new Intl.Collator("en", { numeric: true });

/** ISO times as the API writes them sort as text. */
function later(a: string | null, b: string | null): number {
  const [one, other] = [a ?? "", b ?? ""];
  return one === other ? 0 : one > other ? 1 : -1;
}

/** Orders what is below, and adds its sizes up. */
function settle(node: TreeNode): void {
  node.children.sort(
    (a, b) =>
      ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) ||
      (a.kind === "checkpoint" ? (b.artifact?.checkpoint ?? 0) - (a.artifact?.checkpoint ?? 0) : 0) ||
      later(b.at, a.at) ||
      byName.compare(a.name, b.name),
  );
  node.total = node.bytes ?? 0;
  node.below = 0;
  for (const child of node.children) {
    settle(child);
    node.total += child.total;
    node.below += child.below + (child.kind === "group" || child.kind === "run" ? 0 : 1);
  }
}
