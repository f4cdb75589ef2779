import type { LogPart } from "../source";
import { Unread, untilAnswered } from "./asking";
import type { Document } from "./document";
import type { Hole, Segment } from "./segment";
import { Ahead } from "./ahead";
import { fill, HELD_BYTES, nextStretch, type History, type Stretch } from "./history";

interface Told {
  /** Carry out a change of the document. */
  changes: (alter: () => void) => void;
  failed: (status: number | null) => void;
}

/** Fetches what isn't here of a job's log: its end first, then what is before it. */
export class Filler {
  private readonly wanted = new Set<number>();
  private filling = false;
  private ahead: Ahead | null = null;
  /** Holes of which nobody can say how many lines they have. */
  private readonly uncountable = new Set<number>();

  constructor(
    private readonly document: Document,
    private readonly history: History,
    private readonly told: Told,
  ) {}

  /** `known`: of what the log is made now. */
  async begin(known: (parts: LogPart[]) => void): Promise<void> {
    const parts = await this.parts("earlier");
    if (!parts) return;
    known(parts);
    this.go();
  }

  /** The stream skipped attempts as a whole. */
  async missed(): Promise<void> {
    await this.parts("skipped");
  }

  /** Fetch this hole before others. */
  want(hole: number): void {
    this.wanted.add(hole);
    this.go();
  }

  go(): void {
    if (!this.filling) void this.fill();
  }

  private async parts(why: "earlier" | "skipped"): Promise<LogPart[] | null> {
    const parts = await this.answered(() => this.history.parts());
    if (parts) this.told.changes(() => this.document.reconcile(parts, why));
    return parts;
  }

  private async fill(): Promise<void> {
    this.filling = true;
    try {
      while (await this.one());
    } finally {
      this.filling = false;
    }
  }

  /** One piece of what is missing; then, one by one, how many lines are in the holes that stay. */
  private async one(): Promise<boolean> {
    const next = this.next();
    if (next) {
      await this.fetch(next);
      return true;
    }
    this.letGo();
    const uncounted = this.document.shown.flatMap((segment) => segment.parts.map((part) => ({ segment, part }))).find(
      ({ part }) => part.kind === "hole" && part.lines === null && !this.uncountable.has(part.id),
    );
    if (uncounted?.part.kind !== "hole") return false;
    await this.count(uncounted.segment, uncounted.part);
    return true;
  }

  private next(): Stretch | null {
    return nextStretch(this.document, this.wanted);
  }

  /** Fetch a stretch; while it is put where it belongs, the one before it is on its way. */
  private async fetch(next: Stretch): Promise<void> {
    let ahead = this.ahead;
    const stretch = ahead?.as(next) ?? next;
    const bytes = await this.answered(() => {
      const first = ahead;
      ahead = null;
      return first?.as(next) ? first.read(stretch) : this.history.read(stretch);
    });
    const room = HELD_BYTES - this.document.held - (bytes?.length ?? 0);
    this.ahead = bytes && Ahead.of(stretch, bytes, this.history, room);
    this.told.changes(() => {
      if (bytes) fill(stretch, bytes);
      else stretch.hole.why = "gone";
    });
  }

  /** There is no room for what is still missing. */
  private letGo(): void {
    const left = this.document.shown.flatMap(({ parts }) => parts).filter((part) => part.kind === "hole" && part.why === "earlier");
    if (left.length) this.told.changes(() => left.forEach((part) => part.kind === "hole" && (part.why = "full")));
  }

  /** So that the lines behind a hole can be numbered. */
  private async count(segment: Segment, hole: Hole): Promise<void> {
    const { start, end } = hole;
    const lines = await this.answered(() => this.history.lines(segment, { ...hole }));
    if (lines === null) this.uncountable.add(hole.id);
    // It may have grown meanwhile, or have been filled in part.
    else if (hole.start === start && hole.end === end) this.told.changes(() => (hole.lines = lines));
  }

  /** The answer; null when there is none to be had, which is told. */
  private async answered<T>(ask: () => Promise<T>): Promise<T | null> {
    const failed = (status: number | null) => this.told.failed(status);
    try {
      return await untilAnswered(ask, failed);
    } catch (error) {
      this.told.failed(error instanceof Unread ? error.status : 0);
      return null;
    }
  }
}
