/** Bytes of UTF-8 text: where lines, states and characters begin. */
export const NEWLINE = 10;
export const RETURN = 13;
export const ESCAPE = 27;
export const TAB = 9;
const TAB_STOP = 8;

const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** What isn't UTF-8 becomes U+FFFD. */
export function decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export const encoder = new TextEncoder();

/** The first byte at or after `at` that begins a character. */
export function characterAfter(bytes: Uint8Array, at: number): number {
  let place = at;
  while (place < bytes.length && place < at + 3 && isContinuation(bytes[place])) place += 1;
  return place;
}

/** The last place up to `at` where a character begins, so that none is cut there. */
export function characterBefore(bytes: Uint8Array, at: number): number {
  let place = at;
  while (place > 0 && place > at - 3 && isContinuation(bytes[place])) place -= 1;
  return place;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** A line without its end, cut to what a progress bar last wrote over it. */
export function lastState(line: Uint8Array): Uint8Array {
  let end = line.length;
  while (end > 0 && line[end - 1] === RETURN) end -= 1;
  const begin = end ? line.lastIndexOf(RETURN, end - 1) + 1 : 0;
  return line.subarray(begin, end);
}

/** The same of a text. */
export function lastStateOf(line: string): string {
  if (!line.includes("\r")) return line;
  const whole = line.replace(/\r+$/, "");
  return whole.slice(whole.lastIndexOf("\r") + 1);
}

/** All that a progress bar wrote over one line, in order; one state where it wrote over nothing. */
export function states(line: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  let begin = 0;
  while (begin <= line.length) {
    const next = line.indexOf(RETURN, begin);
    const end = next < 0 ? line.length : next;
    if (end > begin) found.push(line.subarray(begin, end));
    begin = end + 1;
  }
  return found.length ? found : [line.subarray(0, 0)];
}

export function countStates(line: Uint8Array): number {
  return line.includes(RETURN) ? states(line).length : 1;
}

/** How many columns a state takes: escape sequences none, a character one. */
export function columns(state: Uint8Array): number {
  let found = 0;
  for (let at = 0; at < state.length; at += 1) {
    const byte = state[at] as number;
    if (byte === ESCAPE) at = afterEscape(state, at) - 1;
    else if (byte === TAB) found += TAB_STOP - (found % TAB_STOP);
    else if ((byte & 0xc0) !== 0x80) found += 1;
  }
  return found;
}

/** Behind an escape sequence `ESC [ … letter`; behind the escape alone when it is none. */
function afterEscape(state: Uint8Array, at: number): number {
  if (state[at + 1] !== 0x5b) return at + 2;
  let place = at + 2;
  while (place < state.length && ((state[place] as number) < 0x40 || (state[place] as number) > 0x7e)) place += 1;
  return place + 1;
}
