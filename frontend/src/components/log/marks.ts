import type { Span } from "./engine/ansi";

export interface Marked extends Span {
  found: boolean;
}

/** The spans of a text, cut where something found begins and ends. `found`: from, to, in order. */
export function marked(spans: readonly Span[], found: readonly (readonly [number, number])[]): Marked[] {
  const result: Marked[] = [];
  let at = 0;
  let next = 0;
  for (const span of spans) {
    const end = at + span.text.length;
    let from = at;
    while (from < end) {
      while (next < found.length && (found[next]?.[1] ?? 0) <= from) next += 1;
      const [begin, stop] = found[next] ?? [Infinity, Infinity];
      const inside = begin <= from;
      const to = Math.min(end, inside ? stop : begin);
      result.push({ ...span, text: span.text.slice(from - at, to - at), found: inside });
      from = to;
    }
    at = end;
  }
  return result;
}
