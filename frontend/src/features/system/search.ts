import { flag, text, type Search } from "@/lib/search";

export interface SystemSearch {
  /** What is searched for in the settings. */
  q?: string;
  /** The orchestrator's log is open. */
  log?: boolean;
  find?: string;
}

export const systemSearch = (given: Search): SystemSearch => ({
  q: text(given.q),
  log: flag(given.log),
  find: text(given.find),
});
