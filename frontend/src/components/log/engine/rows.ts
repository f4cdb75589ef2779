import { Painter, type Span } from "./ansi";
import { columns, lastState, states } from "./bytes";
import { SHOWN_COLUMNS, SHOWN_STATES, type Chunk } from "./chunk";
import type { Block, Document, Place } from "./document";
import { places, type Findings } from "./search";
import type { Why } from "./segment";

export interface LineRow {
  kind: "line";
  key: string;
  /** Its number in the log; null where it isn't known, or where it goes on with the line above. */
  number: number | null;
  /** One after the other; a folded line has its last one only. */
  states: Span[][];
  /** How many states there are. */
  of: number;
  /** Columns that aren't shown. */
  more: number;
  /** Marked parts of its text: from, to. */
  found: [number, number][];
  current: boolean;
}

export type Row =
  | LineRow
  | { kind: "head"; key: string; step: string; attempt: number; cut: boolean }
  | { kind: "hole"; key: string; id: number; why: Why; bytes: number; lines: number | null };

/** A line by its chunk. */
export interface Line {
  chunk: Chunk;
  line: number;
}

/** Bytes of a state that are read to draw it: some more than the columns that are shown, for colours take bytes, too. */
const READ = 65_536;

/** So far back is looked for colours that were set before the first row. */
const COLOURED_BEFORE = 65_536;

/** What lies from `from` to `to` (in lines of the screen), and where the first of it begins. */
export function rowsBetween(
  document: Document,
  from: number,
  to: number,
  found: Findings | null,
  current: Line | null,
): { at: number; rows: Row[] } {
  const first = document.at(Math.max(0, from));
  if (!first) return { at: 0, rows: [] };
  const rows: Row[] = [];
  let painter: Painter | null = null;
  let block: Block | null = null;
  for (let place: Place | null = first; place && place.begins < to; place = document.after(place)) {
    if (place.block !== block) {
      block = place.block;
      painter = coloured(place);
    }
    rows.push(row(place, painter, found, current));
  }
  return { at: first.begins, rows };
}

function coloured({ block, line }: Place): Painter {
  const painter = new Painter();
  if (block.kind === "chunk") painter.skip(block.chunk.before(line, COLOURED_BEFORE));
  return painter;
}

function row({ block, line }: Place, painter: Painter | null, found: Findings | null, current: Line | null): Row {
  if (block.kind === "head") {
    const { step, attempt, cut } = block.segment;
    return { kind: "head", key: `${step}/${attempt}`, step, attempt, cut };
  }
  if (block.kind === "hole") {
    const { id, why, start, end, lines } = block.hole;
    return { kind: "hole", key: `hole ${id}`, id, why, bytes: end - start, lines };
  }
  const { chunk } = block;
  const whole = chunk.line(line);
  const of = chunk.statesOf(line);
  const shown = chunk.unfolded.has(line) ? states(whole).slice(-SHOWN_STATES) : [lastState(whole)];
  const painted = paintAll(whole, shown, painter ?? new Painter());
  const text = painted.at(-1)?.map((span) => span.text).join("") ?? "";
  return {
    kind: "line",
    key: `${chunk.id}:${line}`,
    number: block.number === null || (line === 0 && chunk.continues) ? null : block.number + line,
    states: painted.map(shortened),
    of,
    more: Math.max(0, columns(shown.at(-1) ?? whole) - SHOWN_COLUMNS),
    found: found?.has(chunk, line) ? places(text, found.regex) : [],
    current: current?.chunk === chunk && current.line === line,
  };
}

function paintAll(whole: Uint8Array, shown: Uint8Array[], painter: Painter): Span[][] {
  // What isn't shown may set colours, too.
  const hidden = whole.length - shown.reduce((sum, state) => sum + state.length + 1, -1);
  if (hidden > 0) painter.skip(whole.subarray(0, hidden));
  return shown.map((state) => painter.paint(state.subarray(0, READ)));
}

function shortened(spans: Span[]): Span[] {
  let left = SHOWN_COLUMNS;
  const kept: Span[] = [];
  for (const span of spans) {
    if (left <= 0) break;
    kept.push(span.text.length > left ? { ...span, text: span.text.slice(0, left) } : span);
    left -= span.text.length;
  }
  return kept;
}
