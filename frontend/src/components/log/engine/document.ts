import type { LogGap, LogPart, LogText } from "../source";
import { encoder } from "./bytes";
import type { Chunk } from "./chunk";
import { Segment, type Hole } from "./segment";

/** What is drawn one below the other: the heading of an attempt, a hole, some lines. `top`: its height above, in lines of the screen. */
export type Block = { top: number; segment: Segment } & (
  | { kind: "head" }
  | { kind: "hole"; hole: Hole }
  | { kind: "chunk"; chunk: Chunk; number: number | null }
);

/** A line of the document, also after others came or went. */
export interface Place {
  block: Block;
  line: number;
  /** Its height above, in lines of the screen. */
  begins: number;
}

interface Laid {
  blocks: Block[];
  height: number;
  lines: number | null;
}

/** A log as it is known here, and how it lies on the screen. */
export class Document {
  readonly segments: Segment[] = [];
  /** Only this step's lines are shown. */
  private only: string | undefined;
  private cols = 0;
  private laid: Laid | null = null;

  // ── what it holds ──

  segment(step: string, attempt: number): Segment {
    const known = this.segments.find((each) => each.step === step && each.attempt === attempt);
    if (known) return known;
    const segment = new Segment(step, attempt);
    const behind = this.segments.findIndex((each) => order(each, segment) > 0);
    this.segments.splice(behind < 0 ? this.segments.length : behind, 0, segment);
    this.changed();
    return segment;
  }

  /** What the log consists of by now: what isn't here of it becomes holes. */
  reconcile(parts: readonly LogPart[], why: "earlier" | "skipped"): void {
    for (const part of parts) this.segment(part.step, part.attempt).missUntil(part.bytes, why);
    this.changed();
  }

  receive(event: LogText): void {
    this.segment(event.step, event.attempt).receive(event.offset, event.end, encoder.encode(event.text));
    this.changed();
  }

  /** The stream left something out. The result is whether other attempts have to be asked for, too. */
  skipped({ gap }: LogGap): boolean {
    const { from, to } = gap;
    this.segment(to.step, to.attempt).missUntil(to.byte, "skipped");
    this.changed();
    return from.step !== to.step || from.attempt !== to.attempt;
  }

  /** Bytes held, of all steps. */
  get held(): number {
    return this.segments.reduce((sum, each) => sum + each.held, 0);
  }

  /** Bytes of what is shown, and how many of them are held. */
  get size(): { bytes: number; held: number } {
    const { shown } = this;
    return { bytes: shown.reduce((sum, each) => sum + each.end, 0), held: shown.reduce((sum, each) => sum + each.held, 0) };
  }

  /** Let go of the oldest lines until at most `most` bytes are held. */
  fit(most: number): void {
    while (this.held > most && this.segments.some((each) => each.forgetOldest())) this.changed();
  }

  /** What was changed in a segment shows. */
  changed(): void {
    this.laid = null;
  }

  // ── how it lies on the screen ──

  show(only: string | undefined, cols: number): void {
    if (only === this.only && cols === this.cols) return;
    this.only = only;
    this.cols = cols;
    this.changed();
  }

  get columns(): number {
    return this.cols;
  }

  get shown(): Segment[] {
    return this.segments.filter((each) => isStep(each.step, this.only));
  }

  get height(): number {
    return this.layout().height;
  }

  get blocks(): Block[] {
    return this.layout().blocks;
  }

  /** Lines that are shown; null while nobody knows how many a hole has. */
  get lines(): number | null {
    return this.layout().lines;
  }

  /** What is drawn at a height. */
  at(height: number): Place | null {
    const { blocks } = this.layout();
    let low = 0;
    let high = blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((blocks[middle]?.top ?? 0) <= height) low = middle;
      else high = middle - 1;
    }
    const block = blocks[low];
    if (!block) return null;
    if (block.kind !== "chunk") return { block, line: 0, begins: block.top };
    const { line, begins } = block.chunk.at(height - block.top, this.cols);
    return { block, line, begins: block.top + begins };
  }

  /** Where a place is now; null when it isn't there any more. */
  topOf(place: Place): number | null {
    const block = this.blocks.find((each) => isSame(each, place.block));
    if (!block) return null;
    return block.top + (block.kind === "chunk" ? block.chunk.above(Math.min(place.line, block.chunk.lines), this.cols) : 0);
  }

  heightOf(place: Place): number {
    return place.block.kind === "chunk" ? place.block.chunk.heightOf(place.line, this.cols) : 1;
  }

  /** The place behind. */
  after(place: Place): Place | null {
    const begins = place.begins + this.heightOf(place);
    if (place.block.kind === "chunk" && place.line + 1 < place.block.chunk.lines) return { ...place, line: place.line + 1, begins };
    const block = this.blocks[this.blocks.indexOf(place.block) + 1];
    return block ? { block, line: 0, begins } : null;
  }

  private layout(): Laid {
    if (this.laid) return this.laid;
    const blocks: Block[] = [];
    // An attempt that has written nothing has no heading either.
    const shown = this.shown.filter((each) => each.parts.length > 0 || each.cut);
    let top = 0;
    let number: number | null = 1;
    let open = false;
    const add = (block: Block, height: number) => {
      blocks.push(block);
      top += height;
    };
    for (const segment of shown) {
      // A log that ends without a line feed is followed by another's first line all the same.
      if (open && number !== null) number += 1;
      open = false;
      if (shown.length > 1 || segment.attempt > 1 || segment.cut) add({ kind: "head", top, segment }, 1);
      for (const part of segment.parts) {
        if (part.kind === "hole") {
          add({ kind: "hole", top, segment, hole: part }, 1);
          number = number === null || part.lines === null ? null : number + part.lines;
          open = false;
          continue;
        }
        for (const chunk of part.chunks) {
          add({ kind: "chunk", top, segment, chunk, number }, chunk.height(this.cols));
          number = number === null ? null : number + chunk.newlines;
          open = chunk.open;
        }
      }
    }
    this.laid = { blocks, height: top, lines: number === null ? null : number - 1 + Number(open) };
    return this.laid;
  }
}

/** `merge` is the step of the folder `02-merge`. */
export function isStep(folder: string, step: string | undefined): boolean {
  return step === undefined || folder === step || folder.replace(/^\d+-/, "") === step;
}

function order(a: Segment, b: Segment): number {
  return parseInt(a.step, 10) - parseInt(b.step, 10) || a.step.localeCompare(b.step) || a.attempt - b.attempt;
}

function isSame(a: Block, b: Block): boolean {
  if (a.kind === "chunk") return b.kind === "chunk" && a.chunk === b.chunk;
  if (a.kind === "hole") return b.kind === "hole" && a.hole.id === b.hole.id;
  return b.kind === "head" && a.segment === b.segment;
}
