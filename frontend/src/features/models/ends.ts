/** Shorter names fit on a phone. */
const LONG = 20;
const END = 10;

/**
 * A long name in two parts, of which the first gives way where there is no room: names of one family begin alike, and are
 * told apart by their ends. Null for a name that needs no cut.
 */
export function endsOf(name: string): [start: string, end: string] | null {
  // By characters as they are drawn, so that none is torn.
  const letters = Array.from(name);
  return letters.length > LONG ? [letters.slice(0, -END).join(""), letters.slice(-END).join("")] : null;
}
