import type { Columns, Metric } from "@/client/columns";

import { lookOf } from "./look";
import type { Curve } from "./plot";
import { seriesOf, type Axis } from "./series";
import { smoothed } from "./smooth";

/** With more curves than these the values behind the smoothed ones would be a fog. */
const MOST_RAW = 6;

interface Given {
  id: string;
  name: string;
  slot: number;
  columns: Columns;
  metric: Metric;
}

/** Curves to draw. `smooth`: 0 to 99. A curve without a point is left out. */
export function curvesOf(given: readonly Given[], axis: Axis, smooth: number): Curve[] {
  return given.flatMap(({ id, name, slot, columns, metric }) => {
    const raw = seriesOf(columns, metric, axis);
    if (!raw.x.length) return [];
    const curve: Curve = { id, name, look: lookOf(slot), series: raw };
    if (smooth === 0 || raw.x.length < 3) return [curve];
    curve.series = { x: raw.x, y: smoothed(raw.y, smooth / 100) };
    if (given.length <= MOST_RAW) curve.raw = raw;
    return [curve];
  });
}
