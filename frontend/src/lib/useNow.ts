import { useSyncExternalStore } from "react";

import { serverNow } from "@/client/clock";

/** One clock for all relative times of the page, so that they move together and cost one timer. */
const TICK_MS = 1_000;
const listeners = new Set<() => void>();
let now = serverNow();
let steady = performance.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = serverNow();
    steady = performance.now();
    if (!document.hidden) listeners.forEach((each) => each());
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Now by the server's clock, in ms, told anew each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** Milliseconds since a moment of `performance.now()`, told anew each second: right while clocks are set or disagree. */
export function useElapsed(since: number): number {
  return useSyncExternalStore(subscribe, () => steady) - since;
}
