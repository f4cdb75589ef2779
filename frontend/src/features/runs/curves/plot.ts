import type { Axis, Series } from "./series";
import type { Look } from "./look";

/** One curve of a chart. */
export interface Curve {
  id: string;
  /** What it is called in the legend. */
  name: string;
  look: Look;
  /** What is drawn, and what the legend tells. */
  series: Series;
  /** The values that `series` was smoothed from, drawn faintly. */
  raw?: Series;
}

export interface Plot {
  curves: Curve[];
  axis: Axis;
  log: boolean;
}

/** A part of the x axis. */
export type Stretch = readonly [from: number, to: number];

/** From the first point of any curve to the last; null without points. */
export function extentOf(curves: readonly Curve[]): Stretch | null {
  let from = Infinity;
  let to = -Infinity;
  for (const { series } of curves) {
    from = Math.min(from, series.x[0] ?? Infinity);
    to = Math.max(to, series.x.at(-1) ?? -Infinity);
  }
  if (from > to) return null;
  return from === to ? [from - 0.5, to + 0.5] : [from, to];
}

/** What a logarithmic axis can show. */
export function positive(series: Series): Series {
  if (series.y.every((value) => value > 0)) return series;
  const kept = series.y.flatMap((value, index) => (value > 0 ? [index] : []));
  return { x: kept.map((index) => series.x[index] ?? 0), y: kept.map((index) => series.y[index] ?? 0) };
}

/** Seconds as an axis says them: 0:45, 12:30, 1:05:00. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** The distances that ticks of a clock may have. */
export const CLOCK_TICKS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800];
