import { text, whole, type Search } from "@/lib/search";

export interface ReleaseSearch {
  adapter?: string;
  name?: string;
}

export const releaseSearch = (given: Search): ReleaseSearch => ({ adapter: text(given.adapter), name: text(given.name) });

export interface ServedSearch {
  /** The release whose proof is open. */
  parity?: number;
  /** The chat that is open in it. */
  cell?: string;
}

export const servedSearch = (given: Search): ServedSearch => ({
  parity: whole(given.parity, 1, 1_000_000_000),
  cell: text(given.cell),
});
