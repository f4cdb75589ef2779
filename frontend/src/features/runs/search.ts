import { METRICS, type Metric } from "@/client/columns";
import { flag, oneOf, several, text, whole, type Search } from "@/lib/search";

import { AXES, type Axis } from "./curves/series";

export const SORTS = ["name", "loss", "step"] as const;
/** Without one: newest first. */
export type Sort = (typeof SORTS)[number];

/** How curves are drawn. */
export interface CurveSearch {
  metric?: Metric;
  /** Along what; steps when absent. */
  x?: Axis;
  /** Logarithmic axis. */
  log?: boolean;
  /** Smoothing, 0 to 99 %. */
  smooth?: number;
}

export interface RunsSearch extends CurveSearch {
  q?: string;
  sort?: Sort;
  /** Runs whose curves are laid over each other. */
  show?: string[];
}

export const curveSearch = (given: Search): CurveSearch => ({
  metric: oneOf(given.metric, METRICS),
  x: oneOf(given.x, AXES.slice(1)),
  log: flag(given.log),
  smooth: whole(given.smooth, 0, 99) || undefined,
});

export const runsSearch = (given: Search): RunsSearch => ({
  q: text(given.q),
  sort: oneOf(given.sort, SORTS),
  show: several(given.show),
  ...curveSearch(given),
});

export interface NewRunSearch {
  base?: string;
  dataset?: string[];
  /** A run whose settings fill the form. */
  like?: string;
}

export const newRunSearch = (given: Search): NewRunSearch => ({
  base: text(given.base),
  dataset: several(given.dataset),
  like: text(given.like),
});
