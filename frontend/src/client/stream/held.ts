import type { LiveEvent } from "../types";

type Kind = Exclude<LiveEvent["kind"], "snapshot" | "removed">;
type RecordEvent = Extract<LiveEvent, { record: unknown }>;

/** Ended jobs that are kept for a page that joins later; the server's snapshot shows as many. */
const ENDED_JOBS = 200;

/** What tells a record from others of its kind, as the server's `removed` events name it. */
export function keyOf(event: RecordEvent): string {
  const { record } = event;
  if (event.kind === "release" && "number" in record) return `${record.name}/${record.number}`;
  if (event.kind === "deployment" && "engine" in record) return `${record.name}/${record.engine}`;
  if ("id" in record) return record.id;
  if ("name" in record) return record.name;
  return event.kind;
}

/**
 * What is true now of the records that a snapshot holds, so that a page which joins gets it at once and without a
 * connection of its own; and what changed since the pages were last told, each record once.
 */
export class Held {
  private readonly now = new Map<Kind, Map<string, RecordEvent>>();
  private pending = new Map<string, LiveEvent>();
  private complete = false;

  take(event: LiveEvent): void {
    if (event.kind === "snapshot") {
      this.replace(event);
      return;
    }
    if (event.kind === "removed") {
      this.now.get(event.of)?.delete(event.key);
      this.note(`${event.of} ${event.key}`, event);
      return;
    }
    const key = keyOf(event);
    const of = this.now.get(event.kind);
    if (of) {
      of.delete(key);
      of.set(key, event);
      if (event.kind === "job") this.prune(of);
    }
    this.note(`${event.kind} ${key}`, event);
  }

  /** What pages have to be told, in the order in which it happened; a snapshot stands first. */
  flush(): LiveEvent[] {
    const events = [...this.pending.values()];
    this.pending = new Map();
    return events;
  }

  /** All that is true now, for a page that joins; none before the first snapshot. */
  snapshot(): LiveEvent | null {
    if (!this.complete) return null;
    const lists = Object.fromEntries(
      [...this.now].map(([kind, records]) => [`${kind}s`, [...records.values()].map((event) => event.record)]),
    );
    return { kind: "snapshot", ...this.single, ...lists } as LiveEvent;
  }

  /** Parts of a snapshot that aren't lists, such as the machine's load. */
  private single: Record<string, unknown> = {};

  private replace(event: LiveEvent): void {
    this.complete = true;
    this.now.clear();
    this.single = {};
    this.pending = new Map([["snapshot", event]]);
    for (const [name, value] of Object.entries(event)) {
      if (Array.isArray(value)) {
        const kind = name.slice(0, -1) as Kind;
        const events = value.map((record: unknown) => ({ kind, record }) as RecordEvent);
        this.now.set(kind, new Map(events.map((each) => [keyOf(each), each])));
      } else if (name !== "kind") {
        this.single[name] = value;
      }
    }
  }

  private note(about: string, event: LiveEvent): void {
    this.pending.delete(about);
    this.pending.set(about, event);
    if (event.kind in this.single && "record" in event) this.single[event.kind] = event.record;
  }

  private prune(jobs: Map<string, RecordEvent>): void {
    const ended = [...jobs].filter(([, event]) => "ended_at" in event.record && event.record.ended_at);
    for (const [key] of ended.slice(0, Math.max(0, ended.length - ENDED_JOBS))) jobs.delete(key);
  }
}
