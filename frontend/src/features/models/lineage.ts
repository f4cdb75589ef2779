import type { Artifact, Dataset, Served } from "@/client/types";

import { currentOf, type NodeKind } from "./tree";
import { lastPart } from "./words";

export type PlaceKind = NodeKind | "dataset" | "missing";

/** One box of the drawing. Columns go from what came first (negative) over this thing (0) to what came of it. */
export interface Place {
  id: string;
  kind: PlaceKind;
  name: string;
  column: number;
  row: number;
  /** How many more are in its column than are drawn; only in a box that stands for them. */
  more?: number;
}

export interface Drawing {
  places: Place[];
  /** Pairs of ids: made from → made. */
  edges: [string, string][];
}

export interface Around {
  artifacts: readonly Artifact[];
  datasets: readonly Dataset[];
  served: readonly Served[];
}

/** More boxes in a column than this stand as one that says how many. */
export const TALLEST = 8;
const FARTHEST = 5;

/** What a thing was made from, back to the first, and what came of it, to the names it is served under. */
export function drawingOf(id: string, around: Around): Drawing {
  const family = new Family(around);
  const back = spread(id, (each) => family.parents(each));
  const forth = spread(id, (each) => family.children(each));
  const columns = new Map<string, number>([[id, 0]]);
  for (const [each, far] of farthest(id, back.pairs)) columns.set(each, -far);
  for (const [each, far] of farthest(id, forth.pairs)) if (!columns.has(each)) columns.set(each, far);
  const edges: [string, string][] = [
    ...back.pairs.map(([child, parent]): [string, string] => [parent, child]),
    ...forth.pairs.map(([parent, child]): [string, string] => [parent, child]),
  ].filter(([from, to]) => (columns.get(from) ?? 0) < (columns.get(to) ?? 0));
  const places = [...columns].map(([each, column]) => ({ id: each, ...family.look(each), column, row: 0 }));
  for (const { of, more, side } of [...back.cut.map((cut) => ({ ...cut, side: -1 })), ...forth.cut.map((cut) => ({ ...cut, side: 1 }))]) {
    const box = `more:${of}:${side}`;
    places.push({ id: box, kind: "group", name: `${more} more`, column: (columns.get(of) ?? 0) + side, row: 0, more } as Place);
    edges.push(side < 0 ? [box, of] : [of, box]);
  }
  return { places: inRows(places, edges), edges };
}

/** Who was made from whom, by the records of this home. */
class Family {
  private readonly artifacts = new Map<string, Artifact>();
  private readonly datasets = new Map<string, Dataset>();
  private readonly served = new Map<string, Served>();
  private readonly made = new Map<string, string[]>();

  constructor(around: Around) {
    for (const dataset of around.datasets) this.datasets.set(dataset.path, dataset);
    for (const artifact of around.artifacts) this.artifacts.set(artifact.id, artifact);
    for (const served of around.served) this.served.set(`served:${served.name}`, served);
    for (const artifact of around.artifacts) if (artifact.checkpoint == null) this.note(artifact.id);
    for (const id of this.served.keys()) this.note(id);
  }

  private note(id: string): void {
    for (const parent of this.parents(id)) {
      const made = this.made.get(parent);
      if (made) made.push(id);
      else this.made.set(parent, [id]);
    }
  }

  /** Of a served name: the files it is served from; of an artifact: what its record names, and its base. */
  parents(id: string): string[] {
    const served = this.served.get(id);
    const release = served && currentOf(served);
    if (release) {
      const pieces = release.pieces.map(({ path }) => path).filter((path) => this.artifacts.has(path));
      // Of the base's own file every adapter makes use; what tells this name from others is its adapter.
      const own = pieces.filter((path) => this.artifacts.get(path)?.kind === "gguf-adapter");
      return own.length ? own : pieces.length ? pieces : [release.adapter];
    }
    const artifact = this.artifacts.get(id);
    const named = [...(artifact?.lineage?.parents ?? []), ...(artifact?.base ? [artifact.base] : [])];
    return [...new Set(named)].filter((parent) => parent !== id);
  }

  /** The newest first. */
  children(id: string): string[] {
    const at = (each: string) => this.artifacts.get(each)?.modified_at ?? "~";
    return [...(this.made.get(id) ?? [])].sort((a, b) => (at(a) === at(b) ? 0 : at(a) < at(b) ? 1 : -1));
  }

  look(id: string): { kind: PlaceKind; name: string } {
    const artifact = this.artifacts.get(id);
    if (artifact) return { kind: artifact.checkpoint == null ? artifact.kind : "checkpoint", name: artifact.name };
    const dataset = this.datasets.get(id);
    if (dataset) return { kind: "dataset", name: dataset.name };
    return this.served.has(id) ? { kind: "served", name: id.slice("served:".length) } : { kind: "missing", name: lastPart(id) };
  }
}

interface Spread {
  pairs: [string, string][];
  /** Boxes whose neighbours are too many to be drawn. */
  cut: { of: string; more: number }[];
}

function spread(start: string, neighbours: (id: string) => string[]): Spread {
  const seen = new Set([start]);
  const pairs: [string, string][] = [];
  const cut: Spread["cut"] = [];
  let edge = [start];
  for (let far = 0; far < FARTHEST && edge.length > 0; far += 1) {
    const next: string[] = [];
    let free = TALLEST;
    for (const id of edge) {
      const all = neighbours(id);
      const drawn = all.filter((each) => seen.has(each) || free-- > 0);
      if (all.length > drawn.length) cut.push({ of: id, more: all.length - drawn.length });
      for (const each of drawn) {
        pairs.push([id, each]);
        if (!seen.has(each)) next.push(each);
        seen.add(each);
      }
    }
    edge = next;
  }
  return { pairs, cut };
}

/** The longest way from `start` to each, so that every arrow goes onwards. Ends in a circle, too. */
function farthest(start: string, pairs: [string, string][]): Map<string, number> {
  const far = new Map<string, number>([[start, 0]]);
  for (let round = 0; round < FARTHEST; round += 1) {
    for (const [from, to] of pairs) {
      const now = far.get(from);
      if (now !== undefined && to !== start && now < FARTHEST && (far.get(to) ?? 0) < now + 1) far.set(to, now + 1);
    }
  }
  return far;
}

/** Each column's boxes near those they hang on: ordered by the middle of their neighbours that have a row already. */
function inRows(places: Place[], edges: [string, string][]): Place[] {
  const byId = new Map(places.map((place) => [place.id, place]));
  const columns = [...new Set(places.map(({ column }) => column))].sort((a, b) => Math.abs(a) - Math.abs(b));
  const set = new Set<string>();
  for (const column of columns) {
    const here = places.filter((place) => place.column === column);
    const middle = new Map(here.map((place) => [place.id, middleOf(place.id, edges, byId, set)]));
    here.sort((a, b) => (a.more ?? 0) - (b.more ?? 0) || (middle.get(a.id) ?? 0) - (middle.get(b.id) ?? 0));
    here.forEach((place, row) => {
      place.row = row;
      set.add(place.id);
    });
  }
  return places;
}

function middleOf(id: string, edges: [string, string][], places: Map<string, Place>, set: Set<string>): number {
  const near = edges.filter((edge) => edge.includes(id)).map(([from, to]) => (from === id ? to : from));
  const rows = near.filter((each) => set.has(each)).map((each) => places.get(each)?.row ?? 0);
  return rows.length ? rows.reduce((sum, row) => sum + row, 0) / rows.length : 0;
}

/** The box that an arrow key leads to: within the column up and down, to a neighbour that is joined if there is one. */
export function stepTo(key: string, from: string, { places, edges }: Drawing): string | null {
  const here = places.find(({ id }) => id === from);
  if (!here) return null;
  if (key === "ArrowUp" || key === "ArrowDown") {
    const row = here.row + (key === "ArrowUp" ? -1 : 1);
    return places.find((place) => place.column === here.column && place.row === row)?.id ?? null;
  }
  if (key !== "ArrowLeft" && key !== "ArrowRight") return null;
  const onwards = key === "ArrowRight";
  const joined = edges.flatMap(([a, b]) => (onwards && a === from ? [b] : !onwards && b === from ? [a] : []));
  const beyond = places.filter(({ column }) => (onwards ? column > here.column : column < here.column));
  const near = beyond.filter(({ id }) => joined.includes(id));
  const distance = (place: Place) => Math.abs(place.column - here.column) * 100 + Math.abs(place.row - here.row);
  return (near.length ? near : beyond).sort((a, b) => distance(a) - distance(b))[0]?.id ?? null;
}
