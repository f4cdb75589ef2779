import { decode, lastStateOf } from "./bytes";
import { plainText } from "./ansi";
import type { Chunk } from "./chunk";

export interface Wanted {
  text: string;
  /** It is a regular expression. */
  pattern: boolean;
  /** Capital and small letters are told apart. */
  cases: boolean;
}

export type Expression = { regex: RegExp; wrong?: undefined } | { regex?: undefined; wrong: string };

/** The expression of a search, or why there is none. */
export function expressionOf({ text, pattern, cases }: Wanted): Expression {
  const source = pattern ? text : text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  const flags = cases ? "g" : "gi";
  try {
    return { regex: new RegExp(source, `${flags}u`) };
  } catch {
    // Without `u` more is allowed, such as `\-`.
  }
  try {
    return { regex: new RegExp(source, flags) };
  } catch (error) {
    return { wrong: reason(error) };
  }
}

function reason(error: unknown): string {
  const said = error instanceof Error ? error.message : "";
  return said.replace(/^.*: /s, "") || "it can't be read";
}

/** How many places of one line are marked. */
const MARKED = 500;

/** Where an expression is found in a text: from, to. What is found of no length doesn't show. */
export function places(text: string, regex: RegExp): [number, number][] {
  const found: [number, number][] = [];
  regex.lastIndex = 0;
  for (const match of text.matchAll(regex)) {
    if (match[0]) found.push([match.index, match.index + match[0].length]);
    if (found.length === MARKED) break;
  }
  return found;
}

/** The lines of some bytes in which an expression is found, counted from 0. */
export function linesWith(bytes: Uint8Array, regex: RegExp): Uint32Array {
  const found: number[] = [];
  const lines = decode(bytes).split("\n");
  if (lines.at(-1) === "") lines.pop();
  lines.forEach((line, index) => {
    const text = plainText(lastStateOf(line));
    regex.lastIndex = 0;
    // All places of the line are looked for, as when it is drawn: an expression that takes long shows here.
    if (regex.test(text) && places(text, regex).length) found.push(index);
  });
  return Uint32Array.from(found);
}

interface Searched {
  /** Lines up to here are done: they won't change any more. */
  whole: number;
  size: number;
  lines: number[];
}

/** The lines that were found so far, of all chunks. */
export class Findings {
  private readonly of = new Map<Chunk, Searched>();

  constructor(readonly regex: RegExp) {}

  /** What is to be searched next, the newest first; null when all is. */
  next(chunks: readonly Chunk[]): { chunk: Chunk; from: number } | null {
    for (let at = chunks.length - 1; at >= 0; at -= 1) {
      const chunk = chunks[at];
      const done = chunk && this.of.get(chunk);
      if (chunk?.size && done?.size !== chunk.size) return { chunk, from: Math.min(done?.whole ?? 0, chunk.lines) };
    }
    return null;
  }

  /** `found`: counted from line `from` of the chunk, when it had `lines` and `size`. */
  take(chunk: Chunk, from: number, found: Uint32Array, then: { lines: number; size: number; open: boolean }): void {
    const before = this.of.get(chunk)?.lines.filter((line) => line < from) ?? [];
    const lines = before.concat(Array.from(found, (line) => line + from));
    this.of.set(chunk, { whole: then.lines - Number(then.open), size: then.size, lines });
  }

  /** Forget chunks that are gone. */
  keep(chunks: ReadonlySet<Chunk>): void {
    for (const chunk of this.of.keys()) if (!chunks.has(chunk)) this.of.delete(chunk);
  }

  in(chunk: Chunk): readonly number[] {
    return this.of.get(chunk)?.lines ?? [];
  }

  has(chunk: Chunk, line: number): boolean {
    const lines = this.in(chunk);
    return lines[lowerBound(lines, line)] === line;
  }

  count(chunks: readonly Chunk[]): number {
    return chunks.reduce((sum, chunk) => sum + this.in(chunk).length, 0);
  }

  /** Which one a line is, counted from 1; of a line that isn't one, how many lie before it. */
  rank(chunks: readonly Chunk[], chunk: Chunk, line: number): number {
    const at = chunks.indexOf(chunk);
    const before = this.count(chunks.slice(0, Math.max(0, at)));
    return before + lowerBound(this.in(chunk), line) + Number(this.has(chunk, line));
  }

  /** The found line after (`by` 1) or before (-1) a place, around the end of the log. */
  step(chunks: readonly Chunk[], chunk: Chunk, line: number, by: 1 | -1): { chunk: Chunk; line: number } | null {
    const start = Math.max(0, chunks.indexOf(chunk));
    const lines = this.in(chunk);
    const at = lowerBound(lines, line);
    const near = by > 0 ? lines[lines[at] === line ? at + 1 : at] : lines[at - 1];
    if (near !== undefined) return { chunk, line: near };
    for (let away = 1; away <= chunks.length; away += 1) {
      const other = chunks[(start + by * away + chunks.length * 2) % chunks.length];
      const found = other && (by > 0 ? this.in(other)[0] : this.in(other).at(-1));
      if (other && found !== undefined) return { chunk: other, line: found };
    }
    return null;
  }
}

/** The first index whose value isn't less. */
function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
