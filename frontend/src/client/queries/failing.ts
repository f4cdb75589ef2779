import { useQueryClient, type Query, type QueryCacheNotifyEvent, type QueryState } from "@tanstack/react-query";
import { useCallback, useSyncExternalStore } from "react";

import { asProblem, isRefusal } from "../problem";

/**
 * Of the answers that pages show now: one that was asked for again in vain. Undefined: there is none.
 * A refusal is said by who asked; so is that a tool is away (503), and what has `saysItself` in its `meta`.
 */
export function useFailing(): QueryState | undefined {
  const cache = useQueryClient().getQueryCache();
  const subscribe = useCallback(
    (changed: () => void) =>
      cache.subscribe((event) => {
        if (matters(event)) changed();
      }),
    [cache],
  );
  return useSyncExternalStore(subscribe, () => cache.getAll().find(isFailing)?.state);
}

export function isFailing(query: Query): boolean {
  const { data, error } = query.state;
  if (error === null || data === undefined || query.meta?.saysItself || !query.isActive()) return false;
  return !isRefusal(error) && asProblem(error).status !== 503;
}

/** Records that the stream of events puts in come by the thousand, and say nothing of a failure. */
function matters(event: QueryCacheNotifyEvent): boolean {
  if (event.type !== "updated") return event.type === "observerAdded" || event.type === "observerRemoved";
  return event.action.type === "error" || (event.action.type === "success" && !event.action.manual);
}
