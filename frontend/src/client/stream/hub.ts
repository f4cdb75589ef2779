import type { EventSourceMessage } from "eventsource-parser";

import type { LiveEvent } from "../types";
import { Connection, type Listener, type Standing } from "./connection";
import { Held } from "./held";
import type { FromPage, LogMessage, ToPage } from "./protocol";

/** What a page is to the hub: somewhere to send to. */
export interface Port {
  postMessage(message: ToPage): void;
}

type Connect = (url: string, listener: Listener, lastId?: string) => Pick<Connection, "start" | "stop" | "cursor">;

/** Pages are told so often at most: 100,000 events then cost a page no more than it can draw. */
export const FLUSH_MS = 100;

interface Followed {
  port: Port;
  id: number;
  url: string;
  cursor: string;
  connection: ReturnType<Connect> | null;
}

/**
 * Holds the streams of all pages of a browser: one of events, shared, and the followed logs.
 * HTTP/1.1 allows six connections a host, and pages need some for requests: only `logStreams` logs are followed at once,
 * those of visible pages first; the others wait and go on where they were.
 */
export class Hub {
  private readonly pages = new Map<Port, { visible: boolean }>();
  private readonly held = new Held();
  private readonly logs: Followed[] = [];
  private events: ReturnType<Connect> | null = null;
  private standing: Standing = "connecting";
  private flushing: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly eventsUrl: string,
    private readonly logStreams: number,
    private readonly connect: Connect = (url, listener, lastId) => new Connection(url, listener, undefined, lastId),
  ) {}

  received(port: Port, message: FromPage): void {
    switch (message.do) {
      case "hello":
        return this.join(port);
      case "bye":
        return this.leave(port);
      case "visible":
        this.pages.set(port, { visible: message.visible });
        return this.share();
      case "follow":
        this.logs.push({ port, connection: null, ...message });
        port.postMessage({ tell: "log-standing", id: message.id, standing: "queued" });
        return this.share();
      case "unfollow":
        this.drop((log) => log.port === port && log.id === message.id);
        return this.share();
    }
  }

  leave(port: Port): void {
    this.pages.delete(port);
    this.drop((log) => log.port === port);
    if (this.pages.size === 0) {
      this.events?.stop();
      this.events = null;
    }
    this.share();
  }

  private join(port: Port): void {
    if (!this.pages.has(port)) this.pages.set(port, { visible: true });
    port.postMessage({ tell: "standing", standing: this.standing });
    const snapshot = this.held.snapshot();
    if (snapshot) port.postMessage({ tell: "events", events: [snapshot] });
    if (this.events && this.standing !== "locked") return;
    this.events?.stop();
    this.events = this.connect(this.eventsUrl, {
      events: (events) => this.happened(events),
      standing: (standing) => this.stands(standing),
    });
    this.events.start();
  }

  private stands(standing: Standing): void {
    this.standing = standing;
    this.tellAll({ tell: "standing", standing });
  }

  private happened(events: EventSourceMessage[]): void {
    const came = events.map(({ data }) => JSON.parse(data) as LiveEvent);
    for (const event of came) this.held.take(event);
    // A page that opens waits for the snapshot.
    if (came.some(({ kind }) => kind === "snapshot")) this.flush();
    else this.flushing ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  private flush(): void {
    clearTimeout(this.flushing);
    this.flushing = undefined;
    const told = this.held.flush();
    if (told.length) this.tellAll({ tell: "events", events: told });
  }

  private tellAll(message: ToPage): void {
    for (const port of this.pages.keys()) port.postMessage(message);
  }

  // ── logs ──

  private drop(which: (log: Followed) => boolean): void {
    for (const log of this.logs.filter(which)) {
      log.connection?.stop();
      this.logs.splice(this.logs.indexOf(log), 1);
    }
  }

  /** Give the connections to those that come first: logs of visible pages, the newest before older ones. */
  private share(): void {
    const order = [...this.logs].reverse().sort((a, b) => Number(this.visible(b)) - Number(this.visible(a)));
    const chosen = new Set(order.slice(0, this.logStreams));
    for (const log of this.logs) {
      if (!chosen.has(log) && log.connection) this.pause(log);
    }
    for (const log of chosen) {
      if (!log.connection) this.open(log);
    }
  }

  private visible(log: Followed): boolean {
    return this.pages.get(log.port)?.visible ?? true;
  }

  private pause(log: Followed): void {
    log.cursor = log.connection?.cursor ?? log.cursor;
    log.connection?.stop();
    log.connection = null;
    log.port.postMessage({ tell: "log-standing", id: log.id, standing: "queued" });
  }

  private open(log: Followed): void {
    const { port, id } = log;
    log.connection = this.connect(
      log.url,
      {
        events: (events) => {
          const messages = events.map(logMessage);
          port.postMessage({ tell: "log", id, messages });
          if (messages.some((each) => each.event.kind === "end")) this.ended(log);
        },
        standing: (standing) => port.postMessage({ tell: "log-standing", id, standing }),
      },
      log.cursor,
    );
    log.connection.start();
  }

  private ended(log: Followed): void {
    this.drop((each) => each === log);
    log.port.postMessage({ tell: "log-standing", id: log.id, standing: "ended" });
    this.share();
  }
}

function logMessage(event: EventSourceMessage): LogMessage {
  return { cursor: event.id ?? "", event: JSON.parse(event.data) as LogMessage["event"] };
}
