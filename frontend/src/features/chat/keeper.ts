import { asProblem } from "@/client/problem";
import type { ChatContent } from "@/client/types";

/** `last`: the page goes. */
export type Keep = (id: string, content: ChatContent, last: boolean) => Promise<unknown>;

const QUIET_MS = 400;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 15_000;

/** Keeps what a chat is now on the server: one request at a time, the newest state, again while the server is away. */
export class Keeper {
  private waiting: { id: string; content: ChatContent } | null = null;
  private sending = false;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `tell`: why it isn't kept, or null. */
  constructor(
    private readonly keep: Keep,
    private readonly tell: (problem: unknown) => void,
  ) {}

  put(id: string, content: ChatContent): void {
    // What another chat left waiting isn't overwritten by this one.
    if (this.waiting && this.waiting.id !== id) this.flush(false);
    this.waiting = { id, content };
    this.later(QUIET_MS);
  }

  flush(last: boolean): void {
    clearTimeout(this.timer);
    if (this.waiting) void this.send(last, true);
  }

  private later(delay: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.send(false, false), delay);
  }

  private async send(last: boolean, now: boolean): Promise<void> {
    const sent = this.waiting;
    if (!sent) return;
    if (this.sending && !now) {
      this.later(QUIET_MS);
      return;
    }
    this.waiting = null;
    this.sending = true;
    try {
      await this.keep(sent.id, sent.content, last);
      this.failures = 0;
      this.tell(null);
    } catch (error) {
      this.failed(sent, error);
    } finally {
      this.sending = false;
    }
  }

  private failed(sent: { id: string; content: ChatContent }, error: unknown): void {
    const { status } = asProblem(error);
    this.tell(error);
    // Asking again won't help a chat that is too long.
    if (status >= 400 && status < 500) return;
    this.waiting ??= sent;
    this.failures += 1;
    this.later(Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (this.failures - 1)));
  }
}
