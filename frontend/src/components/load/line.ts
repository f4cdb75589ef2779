import { HISTORY_MS, type Sample } from "@/client/history";

/** A point within a drawing of width and height 1; y grows upwards. */
export type Point = readonly [x: number, y: number];

/**
 * Measurements further apart than this are no line: nobody measured between them. A beat or two without one are normal,
 * since measuring and the spans of a history have beats of their own.
 */
const APART_MS = 20_000;

/** What a value's history is drawn from. */
export interface Line {
  /** Unbroken stretches, oldest first. */
  stretches: Point[][];
  least: number | null;
  most: number | null;
  last: number | null;
}

/**
 * The history of `name` as it lies in the ten minutes before `now`. `top`: what is drawn at the full height; without one
 * the largest value there is, but not less than `floor`.
 */
export function lineOf(samples: readonly Sample[], name: string, now: number, top?: number | null, floor = 0): Line {
  const begin = now - HISTORY_MS;
  const seen = samples.filter(({ at }) => at >= begin);
  const values = seen.map((each) => each.values[name] ?? null);
  const known = values.filter((value) => value !== null);
  const height = top || Math.max(...known, floor) || 1;
  const stretches: Point[][] = [];
  let before = -Infinity;
  seen.forEach(({ at }, index) => {
    const value = values[index];
    if (value == null) return;
    if (at - before > APART_MS) stretches.push([]);
    before = at;
    stretches.at(-1)?.push([(at - begin) / HISTORY_MS, Math.min(1, Math.max(0, value / height))]);
  });
  return {
    stretches,
    least: known.length ? Math.min(...known) : null,
    most: known.length ? Math.max(...known) : null,
    last: now - before > APART_MS ? null : (known.at(-1) ?? null),
  };
}

/** The paths of an SVG of this size: the line, and the ground below it. */
export function pathsOf(stretches: readonly Point[][], width: number, height: number): { line: string; ground: string } {
  const place = ([x, y]: Point) => `${round(x * width)} ${round((1 - y) * height)}`;
  let line = "";
  let ground = "";
  for (const points of stretches) {
    const [first] = points;
    const last = points.at(-1);
    if (!first || !last) continue;
    const way = points.map(place).join("L");
    // One point alone is a dot: a line of no length with round ends.
    line += `M${way}${points.length === 1 ? "h0" : ""}`;
    ground += `M${round(first[0] * width)} ${height}L${way}L${round(last[0] * width)} ${height}Z`;
  }
  return { line, ground };
}

const round = (value: number) => Math.round(value * 10) / 10;
