import { createParser, type EventSourceMessage } from "eventsource-parser";

/** How a connection stands. `locked`: the login has ended. `refused`: asking again won't help (404, a wrong address). */
export type Standing = "connecting" | "open" | "away" | "locked" | "refused" | "ended";

export interface Listener {
  /** Events that came together, in their order. */
  events(events: EventSourceMessage[]): void;
  standing(standing: Standing): void;
}

/** The server sends a comment every 15 s; a connection that is silent for longer than two of them is dead. */
const SILENCE_MS = 35_000;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 5_000;

/**
 * One server-sent event stream that stays: reconnects by itself and resumes behind the last event it saw.
 * `EventSource` gives up on the answers that a restarting server's proxy gives (502), and doesn't tell a 401 from them.
 */
export class Connection {
  private aborting = new AbortController();
  private lastId: string;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private over = false;

  constructor(
    private readonly url: string,
    private readonly listener: Listener,
    private readonly ask: typeof fetch = (input, init) => fetch(input, init),
    lastId = "",
  ) {
    this.lastId = lastId;
  }

  start(): void {
    this.over = false;
    this.listener.standing("connecting");
    void this.connect();
  }

  /** No event and no standing is told after this. */
  stop(): void {
    this.over = true;
    clearTimeout(this.timer);
    this.aborting.abort();
  }

  /** Where a later connection would go on. */
  get cursor(): string {
    return this.lastId;
  }

  private async connect(): Promise<void> {
    this.aborting = new AbortController();
    try {
      const response = await this.ask(this.url, {
        headers: { Accept: "text/event-stream", ...(this.lastId ? { "Last-Event-ID": this.lastId } : {}) },
        signal: this.aborting.signal,
        cache: "no-store",
      });
      if (!response.ok || !response.body) {
        this.turnedAway(response.status);
        return;
      }
      this.failures = 0;
      this.tell("open");
      await this.read(response.body);
    } catch {
      // Aborted by us, or the network is gone: both are dealt with below.
    }
    this.again();
  }

  private turnedAway(status: number): void {
    if (status === 401) this.end("locked");
    else if (status >= 400 && status < 500 && status !== 408 && status !== 429) this.end("refused");
    else this.again();
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    let batch: EventSourceMessage[] = [];
    const parser = createParser({
      onEvent: (event) => {
        if (event.id !== undefined) this.lastId = event.id;
        batch.push(event);
      },
    });
    const decoder = new TextDecoder();
    const reader = body.getReader();
    for (;;) {
      const silent = setTimeout(() => this.aborting.abort(), SILENCE_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(silent));
      if (done || this.over) return;
      parser.feed(decoder.decode(value, { stream: true }));
      if (batch.length) this.listener.events(batch);
      batch = [];
    }
  }

  private again(): void {
    if (this.over) return;
    this.tell("away");
    const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.failures);
    this.failures += 1;
    this.timer = setTimeout(() => void this.connect(), delay);
  }

  private end(standing: Standing): void {
    this.tell(standing);
    this.over = true;
  }

  private tell(standing: Standing): void {
    if (!this.over) this.listener.standing(standing);
  }
}
