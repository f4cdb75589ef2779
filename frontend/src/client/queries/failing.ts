import { notifyManager, useQueryClient, type Query, type QueryState } from "@tanstack/react-query";
import { useCallback, useSyncExternalStore } from "react";

import { asProblem, isRefusal } from "../problem";

/**
 * Of the answers that pages show now: one that was asked for again in vain. Undefined: there is none.
 * A refusal is said by who asked; so is that a tool is away (503), and what has `saysItself` in its `meta`.
 */
export function useFailing(): QueryState | undefined {
  const cache = useQueryClient().getQueryCache();
  // Told after what is being drawn, as the library's own counts of the cache are.
  const subscribe = useCallback((changed: () => void) => cache.subscribe(notifyManager.batchCalls(changed)), [cache]);
  return useSyncExternalStore(subscribe, () => cache.getAll().find(isFailing)?.state);
}

export function isFailing(query: Query): boolean {
  const { data, error } = query.state;
  if (error === null || data === undefined || query.meta?.saysItself || !query.isActive()) return false;
  return !isRefusal(error) && asProblem(error).status !== 503;
}
