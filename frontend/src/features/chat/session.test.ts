import { beforeEach, describe, expect, it, vi } from "vitest";

import { Problem } from "@/client/problem";
import type { ChatContent } from "@/client/types";

import type { Listener, Question } from "./ask";
import { ChatSession, type Asked } from "./session";

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

interface Call {
  question: Question;
  say: (text: string) => void;
  end: () => void;
  fail: (error: unknown) => void;
}

/** Models whose answers a test speaks, and a server that keeps chats. */
function stand() {
  const calls: Call[] = [];
  const kept = new Map<string, ChatContent>();
  const server = { kept, failure: null as Problem | null, puts: 0 };
  const keep = (id: string, content: ChatContent) => {
    server.puts += 1;
    if (server.failure) return Promise.reject(server.failure);
    kept.set(id, content);
    return Promise.resolve();
  };
  const asks = (question: Question, signal: AbortSignal, tell: () => void, listener: Listener) =>
    new Promise<void>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
      const say = (content: string) => {
        listener.take(JSON.stringify({ choices: [{ delta: { content }, finish_reason: null }] }), 5);
        tell();
      };
      calls.push({ question, say, end: resolve, fail: reject });
    });
  const session = new ChatSession(keep, null, asks);
  const call = (index: number): Call => {
    const found = calls[index];
    if (!found) throw new Error(`nobody asked ${index} times`);
    return found;
  };
  return { session, server, call, calls };
}

const asked = (prompt: string, ...models: string[]): Asked => ({
  prompt,
  panes: models.map((model) => ({ model })),
  system: "",
  parameters: { temperature: 0 },
});

const settle = () => vi.advanceTimersByTimeAsync(1_000);
const texts = (session: ChatSession) => session.snapshot().conversation.turns.map((turn) => turn.answers.map((answer) => answer.text));

describe("a chat", () => {
  it("asks both at once, draws what comes, and keeps it", async () => {
    const { session, server, call } = stand();
    const id = session.ask(asked("Who?", "base", "facts"));
    expect(session.snapshot().writing).toEqual([0, 1]);
    call(0).say("Nobody");
    call(1).say("Per");
    call(1).say("cy");
    expect(texts(session)).toEqual([["", ""]]);
    await settle();
    expect(texts(session)).toEqual([["Nobody", "Percy"]]);
    call(0).end();
    call(1).end();
    await settle();
    expect(session.snapshot().writing).toEqual([]);
    expect(server.kept.get(id)).toMatchObject({ title: "Who?", panes: [{ model: "base" }, { model: "facts" }] });
    expect(server.kept.get(id)?.turns[0]?.answers[1]).toMatchObject({ pane: 1, text: "Percy" });
  });

  it("tells each model its own answers so far", async () => {
    const { session, call } = stand();
    session.ask(asked("1", "base", "facts"));
    call(0).say("left");
    call(1).say("right");
    call(0).end();
    call(1).end();
    await settle();
    session.ask(asked("2", "base", "facts"));
    expect(call(3).question.messages.map((each) => each.content)).toEqual(["1", "right", "2"]);
  });

  it("keeps what had come when it is stopped, and says so", async () => {
    const { session, call } = stand();
    session.ask(asked("1", "base"));
    call(0).say("half a");
    session.stop();
    await settle();
    expect(session.snapshot().conversation.turns[0]?.answers[0]).toMatchObject({ text: "half a", finish: "stopped" });
    expect(session.snapshot().writing).toEqual([]);
  });

  it("shows a problem in the answer that it befell; the other goes on", async () => {
    const { session, call } = stand();
    session.ask(asked("1", "base", "facts"));
    call(0).fail(new Problem({ title: "The engine ended", status: 502, remedy: "Ask again." }));
    call(1).say("fine");
    await settle();
    expect(session.snapshot().writing).toEqual([1]);
    expect(session.snapshot().conversation.turns[0]?.answers[0]?.error).toBe("The engine ended\nAsk again.");
    expect(texts(session)[0]?.[1]).toBe("fine");
  });
});

describe("asking again", () => {
  async function twoTurns() {
    const stood = stand();
    const id = stood.session.ask(asked("1", "base"));
    stood.call(0).say("one");
    stood.call(0).end();
    await settle();
    stood.session.ask(asked("2", "base"));
    stood.call(1).say("two");
    stood.call(1).end();
    await settle();
    return { ...stood, id };
  }

  it("the last question takes its answer's place", async () => {
    const { session, call, id } = await twoTurns();
    expect(session.again(1, asked("2!", "base"))).toBe(id);
    expect(call(2).question.messages.map((each) => each.content)).toEqual(["1", "one", "2!"]);
    expect(session.snapshot().conversation.turns.map((turn) => turn.prompt)).toEqual(["1", "2!"]);
  });

  it("the answer of a question that was replaced doesn't come into the next one's", async () => {
    const { session, call } = await twoTurns();
    session.again(1, asked("2!", "base"));
    call(2).say("stale");
    session.again(1, asked("2?", "base"));
    call(3).say("fresh");
    await settle();
    expect(texts(session)[1]).toEqual(["fresh"]);
    expect(session.snapshot().writing).toEqual([0]);
  });

  it("an earlier one begins a chat of its own, so that nothing is lost", async () => {
    const { session, server, id } = await twoTurns();
    const other = session.again(0, asked("0", "base"));
    await settle();
    expect(other).not.toBe(id);
    expect(server.kept.get(id)?.turns.map((turn) => turn.prompt)).toEqual(["1", "2"]);
    expect(server.kept.get(other)?.turns.map((turn) => turn.prompt)).toEqual(["0"]);
    expect(server.kept.get(other)?.title).toBe("0");
  });
});

describe("keeping", () => {
  it("goes on when the server comes back, and says meanwhile that it isn't kept", async () => {
    const { session, server, call } = stand();
    server.failure = new Problem({ title: "Tunesmith doesn't answer", status: 0 });
    const id = session.ask(asked("1", "base"));
    call(0).say("one");
    call(0).end();
    await settle();
    expect(session.snapshot().unkept).toBe(server.failure);
    server.failure = null;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(session.snapshot().unkept).toBeNull();
    expect(server.kept.get(id)?.turns[0]?.answers[0]?.text).toBe("one");
  });

  it("doesn't send for ever what is too long", async () => {
    const { session, server } = stand();
    server.failure = new Problem({ title: "The chat is too long", status: 413 });
    session.ask(asked("1", "base"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.puts).toBe(1);
  });

  it("sends half an answer when the page goes", async () => {
    const { session, server, call } = stand();
    const id = session.ask(asked("1", "base"));
    call(0).say("half a");
    session.flush();
    await vi.advanceTimersByTimeAsync(0);
    expect(server.kept.get(id)?.turns[0]?.answers[0]?.text).toBe("half a");
  });

  it("keeps ratings and the name", async () => {
    const { session, server, call } = stand();
    const id = session.ask(asked("1", "base", "facts"));
    call(0).end();
    call(1).end();
    session.rate(0, 1, "up");
    session.rename("Mayors");
    await settle();
    expect(server.kept.get(id)?.title).toBe("Mayors");
    expect(server.kept.get(id)?.turns[0]?.answers.map((answer) => answer.rating)).toEqual([undefined, "up"]);
  });
});
