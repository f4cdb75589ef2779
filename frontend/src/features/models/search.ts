import { oneOf, severalOf, text, type Search } from "@/lib/search";

/** What the page's filter tells apart. Checkpoints are adapters; a served name is what an engine answers to. */
export const SHOWN_KINDS = ["base", "adapter", "merged", "gguf", "gguf-adapter", "served"] as const;
export type ShownKind = (typeof SHOWN_KINDS)[number];

export const ADD_WAYS = ["starter", "hub", "folder"] as const;
export type AddWay = (typeof ADD_WAYS)[number];

export interface ModelsSearch {
  q?: string;
  kind?: ShownKind[];
  /** The way in which a base model is brought in; the dialog is open. */
  add?: AddWay;
}

export const modelsSearch = (given: Search): ModelsSearch => ({
  q: text(given.q),
  kind: severalOf(given.kind, SHOWN_KINDS),
  add: oneOf(given.add, ADD_WAYS),
});
