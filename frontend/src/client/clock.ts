/**
 * The server's clock, which all times in the API are of. A browser may be minutes off; "3 s ago" must not say "in 10 min".
 * Learned from the `Date` of answers (whole seconds, so it is right to about a second).
 */
let offset = 0;

export function learnClock(date: string | null): void {
  const server = date ? Date.parse(date) : NaN;
  if (Number.isNaN(server)) return;
  const seen = server - Date.now();
  // The header is cut to whole seconds: a smaller difference says nothing.
  if (Math.abs(seen - offset) > 2_000) offset = Math.abs(seen) > 2_000 ? seen : 0;
}

/** Now by the server's clock, in ms since 1970. */
export function serverNow(): number {
  return Date.now() + offset;
}
