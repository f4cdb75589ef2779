import { characterBefore, columns, countStates, ESCAPE, lastState, NEWLINE, RETURN, states, TAB } from "./bytes";

/** A chunk holds so much at most: what is indexed, searched and forgotten in one go. */
export const CHUNK_BYTES = 1 << 20;

/** Columns of a line that are drawn; the rest is one click away. */
export const SHOWN_COLUMNS = 4_000;

/** States of a progress bar that an unfolded line shows: its last ones. */
export const SHOWN_STATES = 1_000;

let nextId = 1;

/** Some lines of a log: their bytes, and where each begins. Only the last one may be unfinished. */
export class Chunk {
  readonly id = nextId++;
  /** Lines of which all states are shown. */
  readonly unfolded = new Set<number>();
  lines = 0;
  size = 0;
  private buffer: Uint8Array;
  private starts = new Uint32Array(64);
  private shape: { cols: number; heights: Uint32Array; total: number; size: number } | null = null;

  /** `continues`: the first line is the rest of one that was cut, since it is longer than a chunk. */
  constructor(
    room = 16_384,
    public continues = false,
  ) {
    this.buffer = new Uint8Array(Math.min(CHUNK_BYTES, room));
  }

  /**
   * Take of `bytes` what fits: all of them, else whole lines; of a line that is longer than a chunk as much as there is room for.
   * The result is how many were taken; 0: the next chunk has to begin with them.
   */
  take(bytes: Uint8Array): number {
    const room = CHUNK_BYTES - this.size;
    let end = bytes.length;
    if (end > room) end = bytes.subarray(0, room).lastIndexOf(NEWLINE) + 1;
    if (end === 0 && (this.lines === 0 || (this.open && this.lines === 1))) end = characterBefore(bytes, room);
    this.put(bytes.subarray(0, end));
    return end;
  }

  /** Give away the unfinished last line, unless it is the only one. */
  giveUnfinished(): Uint8Array | null {
    if (!this.open || this.lines < 2) return null;
    const begun = this.starts[this.lines - 1] ?? 0;
    const line = this.buffer.slice(begun, this.size);
    this.size = begun;
    this.lines -= 1;
    this.unfolded.delete(this.lines);
    return line;
  }

  /** Whether the last line isn't ended yet. */
  get open(): boolean {
    return this.size > 0 && this.buffer[this.size - 1] !== NEWLINE;
  }

  /** Lines that end here. */
  get newlines(): number {
    return this.lines - Number(this.open);
  }

  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.size);
  }

  /** A line without its line feed. */
  line(index: number): Uint8Array {
    const begin = this.starts[index] ?? 0;
    const end = index + 1 < this.lines ? (this.starts[index + 1] as number) - 1 : this.size - (this.open ? 0 : 1);
    return this.buffer.subarray(begin, end);
  }

  /** The bytes before a line, at most `most`. */
  before(index: number, most: number): Uint8Array {
    const begin = this.starts[index] ?? 0;
    return this.buffer.subarray(Math.max(0, begin - most), begin);
  }

  /** The whole lines from `from` on, for a search; the unfinished last one too. */
  text(from: number): Uint8Array {
    return from < this.lines ? this.buffer.subarray(this.starts[from] ?? 0, this.size) : new Uint8Array(0);
  }

  unfold(index: number): void {
    if (!this.unfolded.delete(index)) this.unfolded.add(index);
    this.shape = null;
  }

  // ── how high it is, in lines of the screen ──

  /** `cols`: where lines are wrapped; 0: nowhere. */
  height(cols: number): number {
    return this.even(cols) ? this.lines : this.shaped(cols).total;
  }

  heightOf(index: number, cols: number): number {
    return this.even(cols) ? 1 : (this.shaped(cols).heights[index] ?? 1);
  }

  /** How far below the chunk's top a line begins. */
  above(index: number, cols: number): number {
    if (this.even(cols)) return index;
    const { heights } = this.shaped(cols);
    let sum = 0;
    for (let line = 0; line < index; line += 1) sum += heights[line] as number;
    return sum;
  }

  /** The line at a height below the top, and where it begins. */
  at(height: number, cols: number): { line: number; begins: number } {
    const last = this.lines - 1;
    if (this.even(cols)) {
      const line = Math.max(0, Math.min(last, Math.floor(height)));
      return { line, begins: line };
    }
    const { heights } = this.shaped(cols);
    let begins = 0;
    let line = 0;
    while (line < last && begins + (heights[line] as number) <= height) {
      begins += heights[line] as number;
      line += 1;
    }
    return { line, begins };
  }

  private even(cols: number): boolean {
    return cols === 0 && this.unfolded.size === 0;
  }

  private shaped(cols: number): { heights: Uint32Array; total: number } {
    if (this.shape?.cols === cols && this.shape.size === this.size) return this.shape;
    const heights = new Uint32Array(this.lines);
    const plain = this.bytes.every((byte) => PRINTS[byte]);
    let total = 0;
    for (let line = 0; line < this.lines; line += 1) {
      const height = this.measured(line, cols, plain);
      heights[line] = height;
      total += height;
    }
    this.shape = { cols, heights, total, size: this.size };
    return this.shape;
  }

  /** `plain`: each byte is a column. */
  private measured(index: number, cols: number, plain: boolean): number {
    const line = this.line(index);
    if (!this.unfolded.has(index)) return this.wrapped(plain ? line.length : columns(lastState(line)), cols);
    const shown = states(line).slice(-SHOWN_STATES);
    return shown.reduce((sum, state) => sum + this.wrapped(columns(state), cols), 0);
  }

  private wrapped(width: number, cols: number): number {
    return cols === 0 ? 1 : Math.max(1, Math.ceil(Math.min(width, SHOWN_COLUMNS) / cols));
  }

  // ── writing ──

  private put(bytes: Uint8Array): void {
    this.grow(this.size + bytes.length);
    this.buffer.set(bytes, this.size);
    let begins = !this.open;
    // One pass with nothing called in it: here a log of 80 MB is read.
    for (let at = 0; at < bytes.length; at += 1) {
      if (begins) this.mark(this.size + at);
      begins = bytes[at] === NEWLINE;
    }
    this.size += bytes.length;
  }

  private mark(begin: number): void {
    if (this.lines === this.starts.length) {
      const starts = new Uint32Array(this.lines * 2);
      starts.set(this.starts);
      this.starts = starts;
    }
    this.starts[this.lines++] = begin;
  }

  private grow(size: number): void {
    if (size <= this.buffer.length) return;
    const buffer = new Uint8Array(Math.min(CHUNK_BYTES, Math.max(size, this.buffer.length * 2)));
    buffer.set(this.buffer.subarray(0, this.size));
    this.buffer = buffer;
  }

  /** How many states a progress bar wrote over a line. */
  statesOf(index: number): number {
    return countStates(this.line(index));
  }
}

/** Bytes that are a column each, and the line feed. */
const PRINTS = Uint8Array.from({ length: 256 }, (_, byte) => Number(byte < 0x80 && byte !== ESCAPE && byte !== RETURN && byte !== TAB));
