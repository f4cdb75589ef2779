import { useCallback, useState } from "react";

import type { TreeNode } from "./tree";

const KEPT = "tunesmith.models.folds";

/** Above so many lines only the first levels are open from the start. */
const MANY = 60;
const VERY_MANY = 200;

type Folds = Record<string, boolean>;

/**
 * What is folded and unfolded, kept while the tab lives: coming back to the page finds it as it was left. What was folded
 * under a filter holds for that filter only, so that no fold of before hides what it finds.
 */
export function useFolds(size: number, filter: string) {
  const [kept, setKept] = useState<Folds>(read);
  const [passing, setPassing] = useState<{ filter: string; folds: Folds }>({ filter, folds: {} });
  const fold = useCallback(
    (key: string, open: boolean) => {
      if (filter) {
        setPassing((before) => ({ filter, folds: { ...(before.filter === filter ? before.folds : {}), [key]: open } }));
        return;
      }
      setKept((before) => {
        const next = { ...before, [key]: open };
        sessionStorage.setItem(KEPT, JSON.stringify(next));
        return next;
      });
    },
    [filter],
  );
  const isOpen = useCallback(
    (node: TreeNode, level: number): boolean => {
      if (!filter) return kept[node.key] ?? openAtFirst(node, level, size);
      return (passing.filter === filter ? passing.folds[node.key] : undefined) ?? true;
    },
    [filter, kept, passing, size],
  );
  return { isOpen, fold };
}

function openAtFirst(node: TreeNode, level: number, size: number): boolean {
  if (level === 1) return node.children.length <= VERY_MANY;
  return size <= MANY && node.children.some(({ kind }) => kind !== "checkpoint");
}

function read(): Folds {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
    return typeof kept === "object" && kept !== null ? (kept as Folds) : {};
  } catch {
    return {};
  }
}
