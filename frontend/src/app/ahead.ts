import { router } from "./router";

/** Home has long answered by then. */
const LATER_MS = 3_000;

/**
 * Fetch the code of the palette and of every page, one after the other, once the browser has nothing else to do: a page is there at once then,
 * and can be gone to although Tunesmith is away.
 */
export function loadAhead(): void {
  setTimeout(() => whenIdle(() => void loadAll()), LATER_MS);
}

async function loadAll(): Promise<void> {
  try {
    await import("./palette/Palette");
    for (const route of Object.values(router.routesById)) await router.loadRouteChunk(route);
  } catch {
    // Tunesmith is away; the page that is gone to asks for its code itself.
  }
}

/** Safari has no idle callbacks. */
function whenIdle(task: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(task, { timeout: LATER_MS });
  else setTimeout(task, 0);
}
