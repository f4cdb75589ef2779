/** One measurement: when (ms, by the server's clock), and its values by name. */
export interface Sample {
  at: number;
  values: Readonly<Record<string, number | null>>;
}

/** How far back histories go. */
export const HISTORY_MS = 10 * 60_000;
/** What lies closer to the measurement before than this takes its place: the stream tells a change of state at once. */
const CLOSE_MS = 2_000;

type Rows = Readonly<Record<string, readonly (number | null)[]>>;

/** The API's rows, oldest first and evenly spaced up to `until`, as samples. */
export function samplesOf(everySeconds: number, rows: Rows, until: number): Sample[] {
  const named = Object.entries(rows);
  const length = Math.max(0, ...named.map(([, row]) => row.length));
  return Array.from({ length }, (_, index) => ({
    at: until - (length - 1 - index) * everySeconds * 1000,
    values: Object.fromEntries(named.map(([name, row]) => [name, row[index] ?? null])),
  }));
}

/** The samples with a newer one; what is older than ten minutes goes. */
export function withSample(samples: readonly Sample[], newer: Sample): Sample[] {
  const last = samples.at(-1);
  const before = last && newer.at - last.at < CLOSE_MS ? samples.slice(0, -1) : samples;
  return [...before.filter(({ at }) => at > newer.at - HISTORY_MS && at < newer.at), newer];
}
