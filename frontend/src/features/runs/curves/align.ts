import type { Series } from "./series";

/** What uPlot draws: all x that any curve has, then each curve's values there, null where it has none. */
export type Aligned = [number[], ...(number | null)[][]];

/** Curves with points at different places, over one x. */
export function aligned(curves: readonly Series[]): Aligned {
  const x = unionOf(curves.map((curve) => curve.x));
  return [x, ...curves.map((curve) => laidOut(curve, x))];
}

function unionOf(lists: readonly number[][]): number[] {
  const [first = [], ...rest] = lists;
  if (rest.every((list) => list.length === first.length && list.every((value, index) => value === first[index]))) return first;
  const sorted = Float64Array.from(lists.flat()).sort();
  const union: number[] = [];
  for (const value of sorted) if (value !== union.at(-1)) union.push(value);
  return union;
}

function laidOut(curve: Series, x: readonly number[]): (number | null)[] {
  if (curve.x === x) return curve.y;
  let at = 0;
  return x.map((value) => {
    if (curve.x[at] !== value) return null;
    at += 1;
    return curve.y[at - 1] ?? null;
  });
}
