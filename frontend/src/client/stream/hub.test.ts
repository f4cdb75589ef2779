import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Listener } from "./connection";
import { FLUSH_MS, Hub, type Port } from "./hub";
import type { ToPage } from "./protocol";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class Page implements Port {
  told: ToPage[] = [];
  postMessage(message: ToPage): void {
    this.told.push(message);
  }
  get events() {
    return this.told.flatMap((message) => (message.tell === "events" ? message.events : []));
  }
  standings(id: number) {
    return this.told.flatMap((message) => (message.tell === "log-standing" && message.id === id ? [message.standing] : []));
  }
}

class Line {
  running = false;
  cursor: string;
  constructor(
    readonly url: string,
    readonly listener: Listener,
    lastId = "",
  ) {
    this.cursor = lastId;
  }
  start() {
    this.running = true;
  }
  stop() {
    this.running = false;
  }
  says(event: object, id = "") {
    this.cursor = id || this.cursor;
    this.listener.events([{ id, event: "x", data: JSON.stringify(event) }]);
  }
}

function stand(logStreams = 2) {
  const lines: Line[] = [];
  const hub = new Hub("/api/events", logStreams, (url, listener, lastId) => {
    const line = new Line(url, listener, lastId);
    lines.push(line);
    return line;
  });
  const page = () => {
    const port = new Page();
    hub.received(port, { do: "hello" });
    return port;
  };
  return { hub, lines, page, running: () => lines.filter((line) => line.running).map((line) => line.url) };
}

const job = (id: string, state = "running") => ({ kind: "job", record: { id, state, ended_at: state === "running" ? null : "x" } });

describe("the hub", () => {
  it("opens one stream of events for all pages, and ends it with the last page", () => {
    const { hub, page, running } = stand();
    const [one, two] = [page(), page()];
    expect(running()).toEqual(["/api/events"]);
    hub.received(one, { do: "bye" });
    expect(running()).toEqual(["/api/events"]);
    hub.received(two, { do: "bye" });
    expect(running()).toEqual([]);
  });

  it("tells every page, each record once a batch, the latest", () => {
    const { lines, page } = stand();
    const [one, two] = [page(), page()];
    lines[0]?.says({ kind: "snapshot", jobs: [], services: [], deployments: [] });
    vi.advanceTimersByTime(FLUSH_MS);
    lines[0]?.says(job("a"));
    lines[0]?.says(job("b"));
    lines[0]?.says(job("a", "succeeded"));
    vi.advanceTimersByTime(FLUSH_MS);
    for (const port of [one, two]) {
      expect(port.events.slice(1)).toEqual([job("b"), job("a", "succeeded")]);
    }
  });

  it("gives a page that joins what is true by then", () => {
    const { lines, page } = stand();
    page();
    lines[0]?.says({ kind: "snapshot", jobs: [job("a").record, job("b").record], services: [], deployments: [] });
    lines[0]?.says(job("a", "failed"));
    lines[0]?.says({ kind: "removed", of: "job", key: "b" });
    const late = page();
    expect(late.events).toEqual([{ kind: "snapshot", jobs: [job("a", "failed").record], services: [], deployments: [] }]);
  });

  it("keeps all running jobs and the last 200 that ended", () => {
    const { lines, page } = stand();
    page();
    lines[0]?.says({ kind: "snapshot", jobs: [], services: [], deployments: [] });
    lines[0]?.says(job("first"));
    for (let index = 0; index < 1000; index++) lines[0]?.says(job(`ended-${index}`, "succeeded"));
    const [snapshot] = page().events;
    const ids = snapshot?.kind === "snapshot" ? snapshot.jobs.map((each) => each.id) : [];
    expect(ids).toHaveLength(201);
    expect(ids).toContain("first");
    expect(ids).toContain("ended-999");
  });

  it("tells a snapshot at once, in the place of what waited to be told", () => {
    const { lines, page } = stand();
    const port = page();
    lines[0]?.says(job("old"));
    lines[0]?.says({ kind: "snapshot", jobs: [], services: [], deployments: [] });
    expect(port.events).toHaveLength(1);
    vi.advanceTimersByTime(FLUSH_MS);
    expect(port.events).toEqual([{ kind: "snapshot", jobs: [], services: [], deployments: [] }]);
  });
});

describe("followed logs", () => {
  it("share few connections: the newest of visible pages first, the others where they were", () => {
    const { hub, lines, page, running } = stand(2);
    const port = page();
    for (const id of [1, 2, 3]) hub.received(port, { do: "follow", id, url: `/log/${id}`, cursor: "" });
    expect(running()).toEqual(["/api/events", "/log/2", "/log/3"]);
    expect(port.standings(1).at(-1)).toBe("queued");
    const two = lines.find((line) => line.url === "/log/2");
    two?.says({ kind: "log", text: "x" }, "01-merge/1/500");
    hub.received(port, { do: "follow", id: 4, url: "/log/4", cursor: "" });
    hub.received(port, { do: "unfollow", id: 4 });
    expect(running()).toEqual(["/api/events", "/log/3", "/log/2"]);
    expect(lines.at(-1)?.cursor).toBe("01-merge/1/500");
  });

  it("of a page that isn't seen wait for those of one that is", () => {
    const { hub, page, running } = stand(1);
    const [seen, hidden] = [page(), page()];
    hub.received(seen, { do: "follow", id: 1, url: "/seen", cursor: "" });
    hub.received(hidden, { do: "follow", id: 1, url: "/hidden", cursor: "" });
    expect(running()).toEqual(["/api/events", "/hidden"]);
    hub.received(hidden, { do: "visible", visible: false });
    expect(running()).toEqual(["/api/events", "/seen"]);
  });

  it("end with the log, and with their page", () => {
    const { hub, lines, page, running } = stand();
    const port = page();
    hub.received(port, { do: "follow", id: 1, url: "/a", cursor: "" });
    hub.received(port, { do: "follow", id: 2, url: "/b", cursor: "" });
    lines.find((line) => line.url === "/a")?.says({ kind: "end" });
    expect(port.standings(1).at(-1)).toBe("ended");
    expect(running()).toEqual(["/api/events", "/b"]);
    hub.leave(port);
    expect(running()).toEqual([]);
  });
});
