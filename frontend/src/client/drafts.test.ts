import { beforeEach, describe, expect, it, vi } from "vitest";

import { Draft, type Stored } from "./drafts";

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

/** A server that keeps one draft, and a browser's storage. `away`: it doesn't answer. */
function world(kept: Stored | null = null) {
  const server = { kept, away: false, answer: 0, keepalive: [] as (boolean | undefined)[], requests: 0 };
  const local = new Map<string, string>();
  const ask = vi.fn(async (url: unknown, init?: RequestInit) => {
    server.requests += 1;
    await Promise.resolve();
    if (server.away) throw new TypeError("network");
    if (server.answer) return new Response(null, { status: server.answer });
    if (init?.method === "PUT") {
      server.kept = JSON.parse(init.body as string) as Stored;
      server.keepalive.push(init.keepalive);
    } else if (init?.method === "DELETE") server.kept = null;
    else if (url === "/api/drafts") return Response.json(server.kept ? [{ name: "other" }, { name: "release" }] : [{ name: "other" }]);
    else return server.kept ? Response.json(server.kept) : new Response("{}", { status: 404 });
    return new Response(null, { status: 204 });
  });
  const storage = {
    getItem: (key: string) => local.get(key) ?? null,
    setItem: (key: string, value: string) => void local.set(key, value),
    removeItem: (key: string) => void local.delete(key),
  };
  return { server, local, open: () => new Draft("release", { fetch: ask, local: storage }) };
}

const settle = () => vi.advanceTimersByTimeAsync(2_000);

describe("a draft", () => {
  it("is restored from the server", async () => {
    const draft = world({ name: "facts" }).open();
    expect(draft.snapshot().ready).toBe(false);
    await draft.load();
    expect(draft.snapshot()).toEqual({ value: { name: "facts" }, ready: true });
  });

  it("is sent once for many strokes, and nothing stays in the browser", async () => {
    const { server, local, open } = world();
    const draft = open();
    await draft.load();
    for (const name of ["f", "fa", "fac"]) draft.set({ name });
    expect(local.size).toBe(1);
    await settle();
    expect(server.kept).toEqual({ name: "fac" });
    expect(server.requests).toBe(2);
    expect(local.size).toBe(0);
  });

  it("isn't overwritten by what the server kept when typing began before the answer", async () => {
    const { server, open } = world({ name: "old" });
    const draft = open();
    const loading = draft.load();
    draft.set({ name: "typed" });
    await loading;
    expect(draft.snapshot().value).toEqual({ name: "typed" });
    await settle();
    expect(server.kept).toEqual({ name: "typed" });
  });

  it("is usable while the server is away, is tried again, and survives a closed page", async () => {
    const { server, open } = world();
    server.away = true;
    const draft = open();
    await draft.load();
    expect(draft.snapshot().ready).toBe(true);
    draft.set({ name: "typed" });
    await settle();
    const another = open();
    expect(another.snapshot().value).toEqual({ name: "typed" });
    server.away = false;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(server.kept).toEqual({ name: "typed" });
  });

  it("sends what was typed while an earlier text was on its way", async () => {
    const { server, open } = world();
    const draft = open();
    await draft.load();
    draft.set({ name: "a" });
    vi.advanceTimersByTime(600);
    draft.set({ name: "ab" });
    await settle();
    expect(server.kept).toEqual({ name: "ab" });
  });

  it("is sent at once, by a request that outlives the page, when the page goes", async () => {
    const { server, open } = world();
    const draft = open();
    await draft.load();
    draft.set({ name: "typed" });
    draft.flush();
    await vi.advanceTimersByTimeAsync(0);
    expect(server.kept).toEqual({ name: "typed" });
    expect(server.keepalive).toEqual([true]);
  });

  it("goes everywhere when it is reset", async () => {
    const { server, local, open } = world({ name: "facts" });
    const draft = open();
    await draft.load();
    draft.set(null);
    await settle();
    expect(server.kept).toBeNull();
    expect(local.size).toBe(0);
    expect(draft.snapshot().value).toBeNull();
  });

  it("stays in this browser when the server refuses it, and isn't sent for ever", async () => {
    const { server, local, open } = world();
    const draft = open();
    await draft.load();
    server.answer = 413;
    draft.set({ name: "too large" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.requests).toBe(2);
    expect(local.size).toBe(1);
  });
});
