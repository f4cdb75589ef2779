import { oneOf, severalOf, several, text, type Search } from "@/lib/search";
import type { JobState } from "@/client/types";

export const JOB_STATES: readonly JobState[] = ["pending", "running", "succeeded", "failed", "cancelled"];
export const JOB_TABS = ["log", "commands", "parity", "artifacts"] as const;
export type JobTab = (typeof JOB_TABS)[number];

export interface JobsSearch {
  state?: JobState[];
  kind?: string[];
  q?: string;
}

export const jobsSearch = (given: Search): JobsSearch => ({
  state: severalOf(given.state, JOB_STATES),
  kind: several(given.kind),
  q: text(given.q),
});

export interface JobSearch {
  tab?: JobTab;
  /** The step whose log is shown. */
  step?: string;
  find?: string;
  /** The cell of the parity matrix that is open. */
  cell?: string;
}

export const jobSearch = (given: Search): JobSearch => ({
  tab: oneOf(given.tab, JOB_TABS),
  step: text(given.step),
  find: text(given.find),
  cell: text(given.cell),
});
