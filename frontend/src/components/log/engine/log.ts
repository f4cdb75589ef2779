import { followUrl, type LogPart, type LogSource } from "../source";
import { encoder } from "./bytes";
import { Document, type Place } from "./document";
import { Finder } from "./finder";
import { Filler } from "./filler";
import { historyOf } from "./history";
import type { FromLog, LogMessage, ToLog, View } from "./protocol";
import { rowsBetween, type Line } from "./rows";
import type { Searcher } from "./searcher";
import { HELD_BYTES } from "./history";

/** A page is told of news so often at most; what it asks for comes at once. */
export const DRAW_MS = 125;

/** What a service's log is called here: it has no steps. */
const WHOLE = "";

/** A log in the worker: takes what comes, and draws what is in view. */
export class Log {
  private readonly document = new Document();
  private readonly finder: Finder;
  private filler: Filler | null = null;
  private view: View = { top: 0, height: 50, follow: true, cols: 0, origin: 0, keep: null };
  private origin = 0;
  private drawing: ReturnType<typeof setTimeout> | undefined;
  private only: string | undefined;

  constructor(
    private readonly tell: (message: FromLog) => void,
    searcher: Searcher,
    private readonly ask: typeof fetch = (input, init) => fetch(input, init),
  ) {
    this.finder = new Finder(
      searcher,
      () => this.document.blocks.flatMap((block) => (block.kind === "chunk" ? [block.chunk] : [])),
      () => this.drawSoon(),
    );
  }

  received(message: ToLog): void {
    switch (message.do) {
      case "open":
        this.only = message.only;
        return this.open(message.source, message.tail);
      case "tail":
        return this.change(() => this.take(message.events));
      case "view":
        return this.look(message.view);
      case "only":
        this.only = message.only;
        this.change(() => this.document.show(this.only, this.view.cols));
        return this.filler?.go();
      case "search":
        return this.finder.look(message.wanted);
      case "step":
        return this.step(message.by);
      case "unfold":
        return this.change(() => this.unfold(message.key));
      case "fill":
        return this.filler?.want(message.hole);
    }
  }

  private open(source: LogSource, tail: number): void {
    this.document.show(this.only, this.view.cols);
    const follow = (cursor: string) => this.tell({ tell: "follow", url: followUrl(source, tail), cursor });
    if (source.of === "service") {
      this.document.segment(WHOLE, 1);
      this.drawSoon();
      return follow("");
    }
    this.filler = new Filler(this.document, historyOf(source.id, this.ask), {
      changes: (alter) => this.change(alter),
      failed: (status) => this.tell({ tell: "failed", status }),
    });
    void this.filler.begin((parts) => follow(behind(parts)));
  }

  private take(messages: LogMessage[]): void {
    for (const { event } of messages) {
      if (event.kind === "truncated") this.document.segment(event.step, event.attempt).clear();
      else if (event.kind === "gap") this.gap(event);
      else if (event.kind === "log") this.text(event);
    }
    this.document.changed();
    this.document.fit(HELD_BYTES);
  }

  private text(event: Extract<LogMessage["event"], { kind: "log" }>): void {
    if ("step" in event) return this.document.receive(event);
    const whole = this.document.segment(WHOLE, 1);
    const bytes = encoder.encode(event.text);
    whole.receive(whole.end, whole.end + bytes.length, bytes);
  }

  private gap(event: Extract<LogMessage["event"], { kind: "gap" }>): void {
    if ("gap" in event) {
      if (this.document.skipped(event)) void this.filler?.missed();
      // Its lines are counted, so that those behind it have numbers.
      this.filler?.go();
      return;
    }
    const whole = this.document.segment(WHOLE, 1);
    whole.missUntil(whole.end + (event.bytes ?? 1), "skipped", event.messages);
  }

  private unfold(key: string): void {
    const [id, line] = key.split(":").map(Number);
    const block = this.document.blocks.find((each) => each.kind === "chunk" && each.chunk.id === id);
    if (block?.kind === "chunk") block.chunk.unfold(line ?? 0);
    this.document.changed();
  }

  private step(by: 1 | -1): void {
    const line = this.finder.step(by, this.firstLine(this.top));
    const block = line && this.document.blocks.find((each) => each.kind === "chunk" && each.chunk === line.chunk);
    if (line && block) {
      const top = this.document.topOf({ block, line: line.line, begins: 0 });
      if (top !== null) this.tell({ tell: "show", top, origin: this.origin });
    }
    this.draw();
  }

  // ── what is in view ──

  private look(view: View): void {
    const moved = this.origin - view.origin;
    const keep = view.keep === null || view.cols !== this.view.cols ? null : view.keep + moved;
    if (view.cols !== this.view.cols) this.change(() => this.document.show(this.only, view.cols));
    // Where lines are wrapped elsewhere, the page can't know the height of anything yet.
    const top = view.cols === this.view.cols ? view.top + moved : this.view.top;
    this.view = { ...view, top, keep, origin: this.origin };
    this.draw();
  }

  private get top(): number {
    const { follow, top, height } = this.view;
    return follow ? Math.max(0, this.document.height - height) : top;
  }

  /** Alter the document; the lines in view stay where they are. */
  private change(alter: () => void): void {
    const held = this.view.follow ? null : this.firstPlace(this.view.top);
    alter();
    this.document.changed();
    const top = held && this.document.topOf(held);
    if (held && top !== null) {
      const moved = top - held.begins;
      this.origin += moved;
      this.view = { ...this.view, top: this.view.top + moved, keep: this.view.keep === null ? null : this.view.keep + moved };
    }
    this.drawSoon();
    void this.finder.go();
  }

  /** The first line in view: holes fill, and are no place to hold on to. */
  private firstPlace(top: number): Place | null {
    const first = this.document.at(top);
    let place = first;
    while (place && place.block.kind !== "chunk") place = this.document.after(place);
    return place ?? first;
  }

  private firstLine(top: number): Line | null {
    const place = this.firstPlace(top);
    return place?.block.kind === "chunk" ? { chunk: place.block.chunk, line: place.line } : null;
  }

  private drawSoon(): void {
    this.drawing ??= setTimeout(() => this.draw(), DRAW_MS);
  }

  private draw(): void {
    clearTimeout(this.drawing);
    this.drawing = undefined;
    const { document, top, origin, view } = this;
    const over = Math.max(10, view.height / 2);
    const from = Math.min(top - over, view.keep ?? Infinity);
    const to = Math.max(top + view.height + over, (view.keep ?? -1) + 1);
    const { at, rows } = rowsBetween(document, from, to, this.finder.findings, this.finder.current);
    const { height, lines } = document;
    const steps = [...new Set(document.segments.map((each) => each.step))].filter(Boolean);
    const loading = document.blocks.some((block) => block.kind === "hole" && block.hole.why === "earlier");
    this.tell({ tell: "drawn", drawn: { rows, at, toEnd: to >= height, height, origin, lines, ...document.size, loading, steps } });
    this.tell({ tell: "found", found: this.finder.found });
    if (!view.follow) this.wantSeen(top);
  }

  /** What was skipped and is looked at now is fetched. */
  private wantSeen(top: number): void {
    for (const { kind, top: begins, ...block } of this.document.blocks) {
      if (kind !== "hole" || begins < top || begins > top + this.view.height) continue;
      if ("hole" in block && block.hole.why === "skipped") this.filler?.want(block.hole.id);
    }
  }
}

/** The cursor behind all that there is. */
function behind(parts: readonly LogPart[]): string {
  const last = parts.at(-1);
  return last ? `${last.step}/${last.attempt}/${last.bytes}` : "";
}
