import type { ShownKind } from "./search";
import type { TreeNode } from "./tree";

export interface Row {
  node: TreeNode;
  /** From 1. */
  level: number;
  /** Its place among its siblings, from 1, and how many there are. */
  place: number;
  siblings: number;
  /** Null: nothing is below it. */
  open: boolean | null;
  parent: string | null;
  /** It fits the filter itself; others are shown since something below them does. */
  fits: boolean;
}

export interface Wanted {
  q?: string;
  kind?: readonly ShownKind[];
}

export interface Found {
  roots: TreeNode[];
  /** Keys of what fits. */
  fits: Set<string>;
}

/** The tree cut down to what fits and what leads there. Without a filter it is the tree itself. */
export function found(roots: TreeNode[], wanted: Wanted): Found {
  const fits = new Set<string>();
  const words = (wanted.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const cut = (nodes: TreeNode[]): TreeNode[] =>
    nodes.flatMap((node) => {
      const children = cut(node.children);
      const fit = fitsIn(node, words, wanted.kind);
      if (fit) fits.add(node.key);
      if (!fit && children.length === 0) return [];
      return [children.length === node.children.length ? node : { ...node, children }];
    });
  return { roots: cut(roots), fits };
}

function fitsIn(node: TreeNode, words: string[], kinds: readonly ShownKind[] | undefined): boolean {
  if (kinds?.length && !kinds.some((kind) => kind === shownAs(node))) return false;
  const text = [node.name, node.note, node.key, node.artifact?.base ?? "", node.deployment?.engine ?? ""].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

function shownAs(node: TreeNode): ShownKind | null {
  if (node.kind === "checkpoint") return "adapter";
  return node.kind === "run" || node.kind === "group" ? null : node.kind;
}

/** The lines that are seen, from the top. */
export function rowsOf({ roots, fits }: Found, isOpen: (node: TreeNode, level: number) => boolean): Row[] {
  const rows: Row[] = [];
  const lay = (nodes: TreeNode[], level: number, parent: string | null): void => {
    nodes.forEach((node, index) => {
      const open = node.children.length > 0 ? isOpen(node, level) : null;
      rows.push({ node, level, place: index + 1, siblings: nodes.length, open, parent, fits: fits.has(node.key) });
      if (open) lay(node.children, level + 1, node.key);
    });
  };
  lay(roots, 1, null);
  return rows;
}

export type Move = { to: number } | { fold: string; open: boolean } | null;

/** What a key does in a tree, as the treegrid pattern of the WAI-ARIA practices has it. Null: nothing. */
export function moveBy(key: string, rows: readonly Row[], at: number): Move {
  const row = rows[at];
  if (!row) return rows.length > 0 && ["ArrowDown", "ArrowUp", "Home", "End"].includes(key) ? { to: 0 } : null;
  const { node, open, parent } = row;
  if (key === "ArrowDown") return { to: Math.min(rows.length - 1, at + 1) };
  if (key === "ArrowUp") return { to: Math.max(0, at - 1) };
  if (key === "Home") return { to: 0 };
  if (key === "End") return { to: rows.length - 1 };
  if (key === "PageDown") return { to: Math.min(rows.length - 1, at + PAGE) };
  if (key === "PageUp") return { to: Math.max(0, at - PAGE) };
  if (key === "ArrowRight") return open === false ? { fold: node.key, open: true } : open ? { to: at + 1 } : null;
  if (key === "ArrowLeft") {
    if (open) return { fold: node.key, open: false };
    const above = rows.findIndex((each) => each.node.key === parent);
    return above >= 0 ? { to: above } : null;
  }
  return null;
}

const PAGE = 12;
