import { oneOf, text, whole, type Search } from "@/lib/search";

export const ADD_WAYS = ["file", "here", "easy-dataset", "export"] as const;
export type AddWay = (typeof ADD_WAYS)[number];

export interface DataSearch {
  q?: string;
  /** The form that is open. */
  add?: AddWay;
}

export const dataSearch = (given: Search): DataSearch => ({ q: text(given.q), add: oneOf(given.add, ADD_WAYS) });

export interface DatasetSearch {
  /** The row that is looked at, from 1. */
  row?: number;
}

export const datasetSearch = (given: Search): DatasetSearch => ({ row: whole(given.row, 1, Number.MAX_SAFE_INTEGER) });
