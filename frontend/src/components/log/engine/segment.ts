import { characterAfter, NEWLINE } from "./bytes";
import { Chunk } from "./chunk";

/** Why some bytes aren't here: not fetched yet; skipped, since this page was too slow; let go, since memory was full; not in the file any more. */
export type Why = "earlier" | "skipped" | "full" | "gone";

/** Bytes of the file from `start` to `end` that aren't held. */
export interface Hole {
  kind: "hole";
  id: number;
  start: number;
  end: number;
  /** Lines that end in it, where they were counted. */
  lines: number | null;
  why: Why;
}

/** Bytes of the file from `start` to `end` that are held. */
export interface Extent {
  kind: "text";
  start: number;
  end: number;
  chunks: Chunk[];
}

export type Part = Hole | Extent;

let nextId = 1;

function hole(start: number, end: number, why: Why, lines: number | null = null): Hole {
  return { kind: "hole", id: nextId++, start, end, lines, why };
}

/** Add bytes behind the last line of some chunks. */
export function append(chunks: Chunk[], bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length) {
    const last = chunks.at(-1);
    rest = rest.subarray(last?.take(rest) ?? 0);
    if (rest.length) chunks.push(next(last, rest.length));
  }
}

function next(last: Chunk | undefined, room: number): Chunk {
  const begun = last?.giveUnfinished();
  const chunk = new Chunk(room + (begun?.length ?? 0), last?.open ?? false);
  if (begun) chunk.take(begun);
  return chunk;
}

/** The log of one attempt of a step, as far as it is held: text and holes, from the file's first byte on. */
export class Segment {
  readonly parts: Part[] = [];
  /** The file became shorter than what was shown of it; what is here begins at its new start. */
  cut = false;

  constructor(
    readonly step: string,
    readonly attempt: number,
  ) {}

  /** Behind the last byte that is known of. */
  get end(): number {
    return this.parts.at(-1)?.end ?? 0;
  }

  /** Bytes held. */
  get held(): number {
    return this.parts.reduce((sum, part) => sum + (part.kind === "text" ? part.end - part.start : 0), 0);
  }

  /** That there are bytes up to `end`, which nobody has sent. */
  missUntil(end: number, why: Why, lines: number | null = null): void {
    if (end <= this.end) return;
    const last = this.parts.at(-1);
    if (last?.kind === "hole" && last.why === why) {
      last.end = end;
      last.lines = last.lines === null || lines === null ? null : last.lines + lines;
    } else {
      this.parts.push(hole(this.end, end, why, lines));
    }
  }

  /** The bytes from `start` to `end` of the file, from the stream: what was had already is left out, what is missing becomes a hole. */
  receive(start: number, end: number, bytes: Uint8Array): void {
    if (end <= this.end) return;
    this.missUntil(start, "skipped");
    const had = this.end - start;
    if (had > 0 && bytes.length !== end - start) {
      // Replacement characters have other lengths than the bytes they stand for: where to cut isn't known.
      this.missUntil(end, "skipped");
      return;
    }
    this.extend(end, bytes.subarray(had));
  }

  /** Fill a hole from its end; `bytes` end there. `start`: their place in the file. */
  fillBack(target: Hole, start: number, bytes: Uint8Array): void {
    const at = this.parts.indexOf(target);
    if (at < 0 || start < target.start || start + bytes.length !== target.end) return;
    const lead = start > target.start ? wholeFrom(bytes) : { from: 0, continues: false };
    const kept = bytes.subarray(lead.from);
    const chunks = kept.length ? [new Chunk(kept.length, lead.continues)] : [];
    append(chunks, kept);
    this.between(at, { kind: "text", start: start + lead.from, end: target.end, chunks });
    this.shrink(target, target.start, start + lead.from);
  }

  /** Fill a hole from its start; `bytes` begin there. */
  fillFront(target: Hole, bytes: Uint8Array): void {
    const at = this.parts.indexOf(target);
    if (at < 0 || target.start + bytes.length > target.end || !bytes.length) return;
    const before = this.parts[at - 1];
    const end = target.start + bytes.length;
    if (before?.kind === "text") {
      append(before.chunks, bytes);
      before.end = end;
    } else {
      const chunks: Chunk[] = [];
      append(chunks, bytes);
      this.parts.splice(at, 0, { kind: "text", start: target.start, end, chunks });
    }
    this.shrink(target, end, target.end);
    this.join(this.parts.findIndex((part) => part.end === end));
  }

  /** Let go of the oldest chunk; false when there is none that isn't the last. */
  forgetOldest(): boolean {
    const at = this.parts.findIndex((part) => part.kind === "text");
    const extent = this.parts[at];
    if (extent?.kind !== "text") return false;
    const [chunk] = extent.chunks;
    if (!chunk) return false;
    // Text that came by the stream may be longer than the bytes it stands for.
    const end = extent.chunks.length === 1 ? extent.end : Math.min(extent.end, extent.start + chunk.size);
    this.lose(at, extent, chunk, end);
    return true;
  }

  /** Begin again: the file was cut. */
  clear(): void {
    this.parts.length = 0;
    this.cut = true;
  }

  private lose(at: number, extent: Extent, chunk: Chunk, end: number): void {
    const before = this.parts[at - 1];
    const lines = chunk.newlines;
    if (before?.kind === "hole") {
      before.lines = before.lines === null ? null : before.lines + lines;
      before.end = end;
      before.why = "full";
    } else {
      this.parts.splice(at, 0, hole(extent.start, end, "full", lines));
    }
    extent.chunks.shift();
    extent.start = end;
    if (!extent.chunks.length) this.parts.splice(this.parts.indexOf(extent), 1);
  }

  private extend(end: number, bytes: Uint8Array): void {
    const last = this.parts.at(-1);
    if (last?.kind === "text") {
      append(last.chunks, bytes);
      last.end = end;
      return;
    }
    const chunks: Chunk[] = [];
    append(chunks, bytes);
    this.parts.push({ kind: "text", start: this.end, end, chunks });
  }

  /** Put an extent behind the hole at `at`, as one with the extent that follows. */
  private between(at: number, extent: Extent): void {
    if (!extent.chunks.length) return;
    this.parts.splice(at + 1, 0, extent);
    this.join(at + 1);
  }

  private shrink(target: Hole, start: number, end: number): void {
    const before = target.end - target.start;
    target.start = start;
    target.end = end;
    if (end - start !== before) target.lines = null;
    if (start >= end) this.parts.splice(this.parts.indexOf(target), 1);
  }

  /** Two extents that touch are one, and so is a line that goes over the seam. */
  private join(at: number): void {
    const [first, second] = [this.parts[at], this.parts[at + 1]];
    if (first?.kind !== "text" || second?.kind !== "text") return;
    first.chunks.push(...sewn(first.chunks, second.chunks));
    first.end = second.end;
    this.parts.splice(at + 1, 1);
  }
}

/** A line that is longer stays in two parts. */
const SEWN_BYTES = 65_536;

/** The second of two lists of chunks, with the beginning of its first line where that is the end of the first list. */
function sewn(first: Chunk[], second: Chunk[]): Chunk[] {
  const [last, head] = [first.at(-1), second[0]];
  if (!last?.open || !head) return second;
  const begun = last.giveUnfinished() ?? (last.size <= SEWN_BYTES ? first.pop()?.bytes : null);
  if (!begun) {
    head.continues = true;
    return second;
  }
  const whole = new Uint8Array(begun.length + head.size);
  whole.set(begun);
  whole.set(head.bytes, begun.length);
  const chunks = [new Chunk(whole.length, first.includes(last) ? false : last.continues)];
  append(chunks, whole);
  return [...chunks, ...second.slice(1)];
}

/** Where whole lines begin in bytes from the middle of a file; of a line without an end in sight, where a character begins. */
function wholeFrom(bytes: Uint8Array): { from: number; continues: boolean } {
  const found = bytes.indexOf(NEWLINE);
  if (found >= 0 && found + 1 < bytes.length) return { from: found + 1, continues: false };
  return { from: characterAfter(bytes, 0), continues: true };
}
