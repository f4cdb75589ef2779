import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { encoder } from "./bytes";
import { Log } from "./log";
import type { Drawn, Found, FromLog, LogMessage, View } from "./protocol";
import { expressionOf, linesWith } from "./search";
import type { Searcher } from "./searcher";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const searcher: Searcher = {
  search: (wanted, bytes) => Promise.resolve(linesWith(bytes, expressionOf(wanted).regex ?? /$^/g)),
  stop: () => undefined,
};

/** A server with one job whose attempts have these logs. */
function server(logs: Record<string, string>) {
  const asked: string[] = [];
  const answers = (input: RequestInfo | URL, init?: RequestInit): Response => {
    const url = new URL(input as string, "http://here");
    const range = new Headers(init?.headers).get("range");
    asked.push(`${url.pathname.split("/").pop() ?? ""} ${range ?? ""}`.trim());
    const whole = encoder.encode(logs[`${url.searchParams.get("step")}/${url.searchParams.get("attempt")}`] ?? "");
    if (url.pathname.endsWith("/parts")) {
      const parts = Object.entries(logs).map(([name, text]) => {
        const [step, attempt] = name.split("/");
        return { step, attempt: Number(attempt), bytes: encoder.encode(text).length, ended: true };
      });
      return Response.json(parts);
    }
    if (url.pathname.endsWith("/lines")) {
      const bytes = whole.subarray(Number(url.searchParams.get("start")), Number(url.searchParams.get("end")));
      return Response.json({ lines: bytes.filter((byte) => byte === 10).length });
    }
    const [from, to] = (range ?? "").replace("bytes=", "").split("-").map(Number);
    return new Response(whole.slice(from, (to ?? 0) + 1), { status: 206 });
  };
  return { asked, ask: ((input, init) => Promise.resolve(answers(input, init))) as typeof fetch };
}

class Page {
  drawn: Drawn | null = null;
  found: Found | null = null;
  followed: { url: string; cursor: string } | null = null;
  shown: { top: number; origin: number } | null = null;
  draws = 0;
  readonly failures: (number | null)[] = [];
  readonly log: Log;

  constructor(ask: typeof fetch = server({}).ask) {
    this.log = new Log((message) => this.told(message), searcher, ask);
  }

  private told(message: FromLog): void {
    if (message.tell === "drawn") {
      this.drawn = message.drawn;
      this.draws += 1;
    } else if (message.tell === "found") this.found = message.found;
    else if (message.tell === "follow") this.followed = message;
    else if (message.tell === "show") this.shown = message;
    else this.failures.push(message.status);
  }

  open(): void {
    this.log.received({ do: "open", source: { of: "job", id: "some-job" }, tail: 0 });
  }

  view(view: Partial<View>): void {
    const whole = { top: 0, height: 4, follow: false, cols: 0, origin: this.drawn?.origin ?? 0, keep: null, ...view };
    this.log.received({ do: "view", view: whole });
  }

  send(...events: LogMessage["event"][]): void {
    this.log.received({ do: "tail", events: events.map((event) => ({ cursor: "", event })) });
  }

  /** The lines that are drawn, and their place. */
  get lines(): string[] {
    return (this.drawn?.rows ?? []).map((row) =>
      row.kind === "line" ? (row.states.at(-1) ?? []).map((span) => span.text).join("") : `<${row.kind}>`,
    );
  }

  /** The line at the top of the view. */
  at(top: number): string | undefined {
    return this.lines[top - (this.drawn?.at ?? 0)];
  }
}

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `line ${from + at}\n`).join("");
const PATIENCE = { timeout: 60_000 };
const settle = () => vi.advanceTimersByTimeAsync(300);

function said(offset: number, text: string): LogMessage["event"] {
  return { kind: "log", step: "01-x", attempt: 1, offset, end: offset + text.length, text };
}

describe("opening the log of a job", () => {
  it("shows what there is, and follows behind it", async () => {
    const page = new Page(server({ "01-x/1": "one\n", "02-y/1": "two\nthree" }).ask);
    page.open();
    await settle();
    expect(page.followed).toMatchObject({ url: "/api/jobs/some-job/log/stream", cursor: "02-y/1/9" });
    expect(page.lines).toEqual(["<head>", "one", "<head>", "two", "three"]);
    expect(page.drawn).toMatchObject({ lines: 3, bytes: 13, held: 13, loading: false, steps: ["01-x", "02-y"] });
  });

  it("fetches the end of a long one first, each byte once", async () => {
    const text = numbered(0, 60_000);
    const { ask, asked } = server({ "01-x/1": text });
    const page = new Page(ask);
    page.open();
    await vi.waitFor(() => expect(page.drawn?.lines).toBe(60_000), PATIENCE);
    expect(asked[1]).toBe(`log bytes=${text.length - 262_144}-${text.length - 1}`);
    const fetched = asked.slice(1).map((each) => (each.match(/\d+/g) ?? []).map(Number));
    expect(fetched.reduce((sum, [from = 0, to = 0]) => sum + to - from + 1, 0)).toBe(text.length);
    page.view({ top: 29_999 });
    expect(page.at(29_999)).toBe("line 29999");
  });

  it("asks again while nobody answers, and says so", async () => {
    const { ask } = server({ "01-x/1": "one\n" });
    let away = 2;
    const page = new Page((...asked) => (away-- > 0 ? Promise.reject(new TypeError("no network")) : ask(...asked)));
    page.open();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(page.failures).toEqual([0, 0, null]);
    expect(page.lines).toEqual(["one"]);
  });

  it("says that there is none", async () => {
    const page = new Page(() => Promise.resolve(new Response("{}", { status: 404 })));
    page.open();
    await settle();
    expect(page.failures).toEqual([404]);
  });
});

describe("what comes by the stream", () => {
  it("is drawn at most eight times a second", async () => {
    const page = new Page();
    page.open();
    await settle();
    const before = page.draws;
    for (let line = 0, at = 0; line < 2_000; line += 1, at += 10) {
      page.send(said(at, "123456789\n"));
      if (line % 20 === 0) await vi.advanceTimersByTimeAsync(10);
    }
    await settle();
    expect(page.draws - before).toBeLessThanOrEqual(10);
    expect(page.drawn?.lines).toBe(2_000);
  });

  it("moves what is in view by nothing, wherever it is put", async () => {
    const history = numbered(0, 40_000);
    const page = new Page(server({ "01-x/1": history }).ask);
    page.open();
    await vi.waitFor(() => expect(page.drawn?.height).toBeGreaterThan(0), PATIENCE);
    // Only the end is there; it is looked at while all before it comes in.
    await vi.waitFor(() => expect(page.lines.at(-1)).toBe("line 39999"), PATIENCE);
    const top = (page.drawn?.height ?? 0) - 10;
    page.view({ top });
    const seen = page.at(top);
    const origin = page.drawn?.origin ?? 0;
    await vi.waitFor(() => expect(page.drawn?.lines).toBe(40_000), PATIENCE);
    page.send(said(history.length, numbered(40_000, 40_100)));
    await settle();
    expect(seen).toMatch(/^line 399\d\d$/);
    expect(page.at(top + (page.drawn?.origin ?? 0) - origin)).toBe(seen);
  });

  it("left out is fetched when it is looked at, and not before", async () => {
    const text = numbered(0, 200);
    const { ask, asked } = server({ "01-x/1": text });
    const page = new Page(((input: string, init) =>
      input.endsWith("/parts") ? Promise.resolve(Response.json([])) : ask(input, init)) as typeof fetch);
    page.open();
    await settle();
    page.view({ follow: true });
    const at = (byte: number) => ({ step: "01-x", attempt: 1, byte });
    page.send(said(0, text.slice(0, 70)), { kind: "gap", gap: { from: at(70), to: at(500), bytes: [70, 500] } }, said(500, text.slice(500)));
    await settle();
    expect(asked.filter((each) => each.includes("bytes"))).toEqual([]);
    // Its lines are counted once, so that those behind it have numbers.
    expect(asked.filter((each) => each === "lines")).toHaveLength(1);
    expect(page.drawn?.lines).toBe(200);
    page.view({ top: 8, height: 10 });
    await settle();
    expect(asked.filter((each) => each.includes("bytes"))).toEqual(["log bytes=70-499"]);
    expect(page.drawn?.lines).toBe(200);
    page.view({ top: 60 });
    expect(page.at(60)).toBe("line 60");
  });
});

describe("the log of a service", () => {
  it("is what the stream sends", async () => {
    const page = new Page();
    page.log.received({ do: "open", source: { of: "service", name: "ollama" }, tail: 500 });
    expect(page.followed).toMatchObject({ url: "/api/services/ollama/logs/follow?tail=500", cursor: "" });
    page.send({ kind: "log", begin: "", end: "", messages: 2, text: "one\ntwo\n" }, { kind: "gap", messages: 3, bytes: 90 });
    page.send({ kind: "log", begin: "", end: "", messages: 1, text: "six\n" });
    await settle();
    expect(page.lines).toEqual(["one", "two", "<hole>", "six"]);
    expect(page.drawn?.lines).toBe(6);
  });
});

describe("a search", () => {
  it("counts, and leads from one to the next", async () => {
    const page = new Page(server({ "01-x/1": numbered(0, 300) }).ask);
    page.open();
    await settle();
    page.log.received({ do: "search", wanted: { text: "line \\d*7$", pattern: true, cases: false } });
    await settle();
    expect(page.found).toEqual({ lines: 30, at: 0, done: true, wrong: null });
    page.view({ top: 100 });
    page.log.received({ do: "step", by: 1 });
    expect([page.shown?.top, page.found?.at]).toEqual([107, 11]);
    page.log.received({ do: "step", by: -1 });
    expect([page.shown?.top, page.found?.at]).toEqual([97, 10]);
    page.send(said(numbered(0, 300).length, "line 7\n"));
    await settle();
    expect(page.found?.lines).toBe(31);
  });

  it("says what is wrong with it", async () => {
    const page = new Page();
    page.open();
    page.log.received({ do: "search", wanted: { text: "[", pattern: true, cases: false } });
    await settle();
    expect(page.found?.wrong).toMatch(/class/i);
    page.log.received({ do: "search", wanted: null });
    await settle();
    expect(page.found).toBeNull();
  });

  it("that never comes back is given up", async () => {
    const page = new Page(server({ "01-x/1": "one\n" }).ask);
    const endless = { ...searcher, search: () => Promise.resolve(null) };
    const told = (message: FromLog) => {
      if (message.tell === "found") page.found = message.found;
    };
    const never = new Log(told, endless, server({ "01-x/1": "one\n" }).ask);
    never.received({ do: "open", source: { of: "job", id: "some-job" }, tail: 0 });
    never.received({ do: "search", wanted: { text: "(a+)+$", pattern: true, cases: false } });
    await settle();
    expect(page.found).toMatchObject({ lines: 0, wrong: expect.stringContaining("too long") as string });
  });
});
