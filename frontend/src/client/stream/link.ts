import type { LiveEvent } from "../types";
import type { Standing } from "./connection";
import type { FromPage, LogMessage, LogStanding, ToPage } from "./protocol";

export interface LogListener {
  messages(messages: LogMessage[]): void;
  standing(standing: LogStanding): void;
}

/** This page's end of the streams. */
export class Link {
  private readonly port: MessagePort;
  private readonly logs = new Map<number, LogListener>();
  private readonly onEvents = new Set<(events: LiveEvent[]) => void>();
  private readonly onStanding = new Set<() => void>();
  private nextLog = 1;
  private now: { standing: Standing; since: number } = { standing: "connecting", since: performance.now() };

  constructor() {
    this.port = openPort();
    this.port.onmessage = ({ data }: MessageEvent<ToPage>) => this.told(data);
    this.send({ do: "hello" });
    document.addEventListener("visibilitychange", () => this.send({ do: "visible", visible: !document.hidden }));
    window.addEventListener("pagehide", () => this.send({ do: "bye" }));
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) this.send({ do: "hello" });
    });
  }

  /** How the stream of events stands, and since which moment of `performance.now()`. The same object until it changes. */
  readonly standing = (): { standing: Standing; since: number } => this.now;

  readonly subscribeStanding = (changed: () => void): (() => void) => {
    this.onStanding.add(changed);
    return () => this.onStanding.delete(changed);
  };

  subscribe(events: (events: LiveEvent[]) => void): () => void {
    this.onEvents.add(events);
    return () => this.onEvents.delete(events);
  }

  /** Follow a log from a cursor on; the result ends it. */
  follow(url: string, cursor: string, listener: LogListener): () => void {
    const id = this.nextLog++;
    this.logs.set(id, listener);
    this.send({ do: "follow", id, url, cursor });
    return () => {
      this.logs.delete(id);
      this.send({ do: "unfollow", id });
    };
  }

  private told(message: ToPage): void {
    switch (message.tell) {
      case "standing":
        if (message.standing === this.now.standing) return;
        this.now = { standing: message.standing, since: performance.now() };
        this.onStanding.forEach((changed) => changed());
        return;
      case "events":
        this.onEvents.forEach((listener) => listener(message.events));
        return;
      case "log":
        this.logs.get(message.id)?.messages(message.messages);
        return;
      case "log-standing":
        this.logs.get(message.id)?.standing(message.standing);
        return;
    }
  }

  private send(message: FromPage): void {
    this.port.postMessage(message);
  }
}

function openPort(): MessagePort {
  if (typeof SharedWorker === "function") {
    const shared = new SharedWorker(new URL("./worker.ts", import.meta.url), { type: "module", name: "tunesmith-streams" });
    shared.port.start();
    return shared.port;
  }
  const { port1, port2 } = new MessageChannel();
  const own = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  own.postMessage(null, [port2]);
  port1.start();
  return port1;
}
