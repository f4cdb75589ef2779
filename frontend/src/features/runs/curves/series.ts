import type { Column, Columns, Metric } from "@/client/columns";

export const AXES = ["step", "epoch", "time"] as const;
export type Axis = (typeof AXES)[number];

/** The points of a curve; x grows from each to the next. */
export interface Series {
  x: number[];
  y: number[];
}

/** The points that `metric` has. Over time, x is seconds since the training's start. */
export function seriesOf(columns: Columns, metric: Metric, axis: Axis): Series {
  const xs: Column = axis === "step" ? columns.step : spread(axis === "epoch" ? columns.epoch : columns.elapsed);
  const series: Series = { x: [], y: [] };
  let last = -Infinity;
  columns.metrics[metric].forEach((y, index) => {
    const x = xs[index];
    if (y === null || x == null || x <= last) return;
    last = x;
    series.x.push(x);
    series.y.push(y);
  });
  return series;
}

/**
 * The trainer says times in whole seconds and epochs with few digits: entries of the same value lie evenly between it and
 * the next one.
 */
export function spread(column: Column): Column {
  const result = [...column];
  for (let from = 0; from < column.length; ) {
    const value = column[from];
    let to = from + 1;
    while (to < column.length && column[to] === value) to += 1;
    const next = column[to];
    if (value != null && next != null && next > value) {
      for (let at = from + 1; at < to; at += 1) result[at] = value + ((next - value) * (at - from)) / (to - from);
    } else if (value != null && to - from > 1) {
      // Nothing follows: as far apart as those before.
      const before = column[from - 1];
      const gap = before != null && value > before ? (value - before) / (to - from) : 1e-6;
      for (let at = from + 1; at < to; at += 1) result[at] = value + gap * (at - from);
    }
    from = to;
  }
  return result;
}

/** The index of the point nearest to `x`; -1 when there is none. */
export function nearest(xs: readonly number[], x: number): number {
  let low = 0;
  let high = xs.length - 1;
  if (high < 0) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((xs[middle] ?? 0) <= x) low = middle;
    else high = middle;
  }
  return Math.abs((xs[low] ?? 0) - x) <= Math.abs((xs[high] ?? 0) - x) ? low : high;
}
