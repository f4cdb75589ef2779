import { text, type Search } from "@/lib/search";

export interface ServicesSearch {
  /** The service whose log is open. */
  log?: string;
  /** The served name whose engine's log is open. */
  engine?: string;
  find?: string;
}

export const servicesSearch = (given: Search): ServicesSearch => ({
  log: text(given.log),
  engine: text(given.engine),
  find: text(given.find),
});
