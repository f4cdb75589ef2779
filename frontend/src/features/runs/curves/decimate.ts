import type { Series } from "./series";

/**
 * At most about `2 × buckets` points of those between `from` and `to`, and one at either side: of each bucket the least and
 * the greatest, so that no spike is lost. A curve that has fewer comes back whole.
 */
export function decimated(series: Series, from: number, to: number, buckets: number): Series {
  const { x, y } = series;
  const begin = Math.max(0, lowerBound(x, from) - 1);
  const end = Math.min(x.length, lowerBound(x, to) + 2);
  if (end - begin <= 2 * buckets) return { x: x.slice(begin, end), y: y.slice(begin, end) };
  const result: Series = { x: [], y: [] };
  const take = (index: number) => {
    result.x.push(x[index] ?? 0);
    result.y.push(y[index] ?? 0);
  };
  take(begin);
  const inner = end - 1 - (begin + 1);
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const first = begin + 1 + Math.floor((inner * bucket) / buckets);
    const next = begin + 1 + Math.floor((inner * (bucket + 1)) / buckets);
    const [least, most] = extremes(y, first, next);
    if (first === next) continue;
    take(Math.min(least, most));
    if (least !== most) take(Math.max(least, most));
  }
  take(end - 1);
  return result;
}

/** Where the least and the greatest lie. */
function extremes(y: readonly number[], first: number, next: number): [number, number] {
  let least = first;
  let most = first;
  for (let index = first; index < next; index += 1) {
    const value = y[index] ?? 0;
    if (value < (y[least] ?? 0)) least = index;
    if (value > (y[most] ?? 0)) most = index;
  }
  return [least, most];
}

/** The first index whose value isn't less than `value`. */
function lowerBound(xs: readonly number[], value: number): number {
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((xs[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
