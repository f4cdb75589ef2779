import { linesUrl, partsUrl, attemptUrl, type LogPart } from "../source";
import { Unread } from "./asking";
import type { Document } from "./document";
import type { Hole, Segment } from "./segment";

/** Text that is held at most; older lines are let go. */
export const HELD_BYTES = 256 * 1024 * 1024;

/** The end of the log is there at once; what is before it comes in larger pieces. */
export const FIRST_PIECE = 256 * 1024;
export const PIECE = 8 * 1024 * 1024;

/** A stretch of a file that is to be fetched. */
export interface Stretch {
  segment: Segment;
  hole: Hole;
  start: number;
  end: number;
  /** From which end the hole is filled. */
  from: "front" | "back";
}

/** What to fetch next: what somebody wants to see first, then the newest of what is missing. Null: nothing (more). */
export function nextStretch(document: Document, wanted: ReadonlySet<number>, most = HELD_BYTES): Stretch | null {
  const holes = document.shown.flatMap((segment) => segment.parts.filter((part) => part.kind === "hole").map((hole) => ({ segment, hole })));
  const asked = holes.find(({ hole }) => wanted.has(hole.id) && hole.why === "skipped");
  if (asked) {
    const { hole } = asked;
    return { ...asked, start: hole.start, end: Math.min(hole.end, hole.start + PIECE), from: "front" };
  }
  const room = most - document.held;
  const earlier = holes.findLast(({ hole }) => hole.why === "earlier");
  if (!earlier || room < FIRST_PIECE) return null;
  const { hole } = earlier;
  const piece = Math.min(document.held === 0 ? FIRST_PIECE : PIECE, room);
  return { ...earlier, start: Math.max(hole.start, hole.end - piece), end: hole.end, from: "back" };
}

/** Put what was fetched where it belongs. */
export function fill({ segment, hole, start, from }: Stretch, bytes: Uint8Array): void {
  if (from === "back") segment.fillBack(hole, start, bytes);
  else segment.fillFront(hole, bytes);
}

/** The part of the API that a job's log is read by. */
export interface History {
  parts(): Promise<LogPart[]>;
  read(stretch: Stretch): Promise<Uint8Array>;
  lines(segment: Segment, hole: Hole): Promise<number>;
}

export function historyOf(id: string, ask: typeof fetch): History {
  const answer = async (url: string, headers: Record<string, string> = {}) => {
    const response = await ask(url, { headers });
    if (!response.ok) throw new Unread(response.status);
    return response;
  };
  return {
    parts: async () => (await (await answer(partsUrl(id))).json()) as LogPart[],
    read: async ({ segment, start, end }) => {
      const response = await answer(attemptUrl(id, segment.step, segment.attempt), { Range: `bytes=${start}-${end - 1}` });
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (bytes.length !== end - start) throw new Unread(416);
      return bytes;
    },
    lines: async ({ step, attempt }, { start, end }) => {
      const { lines } = (await (await answer(linesUrl(id, step, attempt, start, end))).json()) as { lines: number };
      return lines;
    },
  };
}
