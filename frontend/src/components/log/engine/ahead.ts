import { FIRST_PIECE, PIECE, type History, type Stretch } from "./history";

/** A piece of a log that is on its way while the one behind it is put where it belongs. */
export class Ahead {
  private readonly bytes: Promise<Uint8Array>;

  private constructor(
    history: History,
    private readonly stretch: Stretch,
    private readonly behind: Uint8Array,
  ) {
    this.bytes = history.read(stretch);
    // Whoever waits for it hears of it.
    this.bytes.catch(() => undefined);
  }

  /** Ask for what is before a piece, of which `bytes` have come. `room`: bytes that may still be held. */
  static of({ segment, hole, start, from }: Stretch, bytes: Uint8Array, history: History, room: number): Ahead | null {
    if (from !== "back" || start <= hole.start || room < FIRST_PIECE) return null;
    return new Ahead(history, { segment, hole, start: Math.max(hole.start, start - PIECE), end: start, from }, bytes);
  }

  /** The stretch that is wanted now, if this is it; the piece behind began in the middle of a line, whose first bytes are its end. */
  as(wanted: Stretch): Stretch | null {
    const { hole, end, start } = this.stretch;
    const rest = wanted.end - end;
    return wanted.hole === hole && wanted.from === "back" && rest >= 0 && rest <= this.behind.length ? { ...wanted, start } : null;
  }

  /** The bytes of that stretch. */
  async read(wanted: Stretch): Promise<Uint8Array> {
    const bytes = await this.bytes;
    const rest = this.behind.subarray(0, wanted.end - this.stretch.end);
    const whole = new Uint8Array(bytes.length + rest.length);
    whole.set(bytes);
    whole.set(rest, bytes.length);
    return whole;
  }
}
