import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Connection, type Standing } from "./connection";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server whose answers are written by the test. */
function server() {
  const asked: { lastId: string | null; signal: AbortSignal }[] = [];
  const answers: (Response | Error)[] = [];
  const ask: typeof fetch = (_url, init) => {
    const headers = new Headers(init?.headers);
    asked.push({ lastId: headers.get("Last-Event-ID"), signal: init?.signal as AbortSignal });
    const answer = answers.shift() ?? new TypeError("no answer");
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { asked, answers, ask };
}

function streamOf(...chunks: string[]): Response {
  const bytes = chunks.map((chunk) => new TextEncoder().encode(chunk));
  return new Response(new ReadableStream({ pull: (to) => (bytes.length ? to.enqueue(bytes.shift()) : to.close()) }));
}

function listener() {
  const data: string[] = [];
  const standings: Standing[] = [];
  return {
    data,
    standings,
    events: (events: { data: string }[]) => data.push(...events.map((event) => event.data)),
    standing: (standing: Standing) => standings.push(standing),
  };
}

describe("a connection", () => {
  it("puts events together that came in pieces, bytes of one character too", async () => {
    const { ask, answers } = server();
    const cut = new TextEncoder().encode("id: 1\ndata: größer\n\n");
    const bytes = [cut.slice(0, 15), cut.slice(15)];
    answers.push(new Response(new ReadableStream({ pull: (to) => (bytes.length ? to.enqueue(bytes.shift()) : to.close()) })));
    const heard = listener();
    new Connection("/x", heard, ask).start();
    await vi.advanceTimersByTimeAsync(10);
    expect(heard.data).toEqual(["größer"]);
  });

  it("comes back behind the last event that it saw", async () => {
    const { ask, answers, asked } = server();
    answers.push(streamOf("id: a-1\ndata: one\n\n", "id: a-2\ndata: two\n\n"), streamOf("id: a-3\ndata: three\n\n"));
    const heard = listener();
    new Connection("/x", heard, ask).start();
    await vi.advanceTimersByTimeAsync(300);
    expect(asked.map((each) => each.lastId)).toEqual([null, "a-2"]);
    expect(heard.data).toEqual(["one", "two", "three"]);
    expect(heard.standings.slice(0, 4)).toEqual(["connecting", "open", "away", "open"]);
  });

  it("waits longer after each failure, never longer than five seconds, and starts anew once it was open", async () => {
    const { ask, answers, asked } = server();
    new Connection("/x", listener(), ask).start();
    await vi.advanceTimersByTimeAsync(250 + 500 + 1000 + 2000 + 4000);
    expect(asked).toHaveLength(6);
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked).toHaveLength(7);
    answers.push(streamOf("data: x\n\n"));
    await vi.advanceTimersByTimeAsync(5000 + 250);
    expect(asked).toHaveLength(9);
  });

  it.each([
    [401, "locked"],
    [404, "refused"],
  ])("asks no more after %i", async (status, standing) => {
    const { ask, answers, asked } = server();
    answers.push(new Response("", { status }));
    const heard = listener();
    new Connection("/x", heard, ask).start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(1);
    expect(heard.standings.at(-1)).toBe(standing);
  });

  it("asks again after a proxy's 502", async () => {
    const { ask, answers, asked } = server();
    answers.push(new Response("", { status: 502 }));
    new Connection("/x", listener(), ask).start();
    await vi.advanceTimersByTimeAsync(260);
    expect(asked).toHaveLength(2);
  });

  it("gives up a stream that is silent for longer than two heartbeats", async () => {
    const { ask, answers, asked } = server();
    answers.push(
      new Response(
        new ReadableStream({
          start: (to) => to.enqueue(new TextEncoder().encode(": heartbeat\n\n")),
          cancel: () => undefined,
        }),
      ),
    );
    new Connection("/x", listener(), ask).start();
    await vi.advanceTimersByTimeAsync(34_000);
    expect(asked[0]?.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(asked[0]?.signal.aborted).toBe(true);
  });

  it("says nothing after it was stopped", async () => {
    const { ask, answers, asked } = server();
    answers.push(streamOf("data: x\n\n"));
    const heard = listener();
    const connection = new Connection("/x", heard, ask);
    connection.start();
    connection.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(heard.data).toEqual([]);
    expect(heard.standings).toEqual(["connecting"]);
    expect(asked).toHaveLength(1);
  });
});
