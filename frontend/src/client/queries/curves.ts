import { queryOptions } from "@tanstack/react-query";

import { api, dataOf } from "../api";
import type { components } from "../schema";
import { Batches } from "../batches";

export type LossCurve = components["schemas"]["Curve"];

const POINTS = 40;
/** Names go into the address, which may not become too long. */
const AT_ONCE = 50;

const batches = new Batches<LossCurve>(AT_ONCE, async (names) => {
  const curves = await dataOf(api.GET("/api/runs:curves", { params: { query: { names, points: POINTS } } }));
  return new Map(curves.map((curve) => [curve.name, curve]));
});

/** A run's loss in a few points; null for one that is gone. Rows that are drawn together ask together. */
export const lossCurveQuery = (name: string) =>
  queryOptions({
    queryKey: ["curves", name],
    queryFn: async () => (await batches.ask(name)) ?? null,
    staleTime: 60_000,
    retry: false,
  });
