import { beforeEach, describe, expect, it, vi } from "vitest";

import { Problem } from "@/client/problem";

import { ask, Listener, type Heard } from "./ask";

const event = (content: object | string) => `data: ${typeof content === "string" ? content : JSON.stringify(content)}\n\n`;
const piece = (content: string) => event({ choices: [{ delta: { content }, finish_reason: null }] });
const STOP = event({ choices: [{ delta: {}, finish_reason: "stop" }] });
const DONE = event("[DONE]");

/** A server that answers with these pieces of a stream. */
function answers(pieces: (string | Uint8Array)[], init: ResponseInit = {}, fails?: Error) {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const each of pieces) controller.enqueue(typeof each === "string" ? encoder.encode(each) : each);
      if (fails) controller.error(fails);
      else controller.close();
    },
  });
  const asked = vi.fn<typeof fetch>(() => Promise.resolve(new Response(body, init)));
  vi.stubGlobal("fetch", asked);
  return asked;
}

beforeEach(() => () => vi.unstubAllGlobals());

const QUESTION = { model: "facts", messages: [{ role: "user" as const, content: "Hi" }], parameters: { temperature: 0, min_p: null } };

async function hear(): Promise<Heard> {
  const listener = new Listener();
  await ask(QUESTION, new AbortController().signal, () => undefined, listener);
  return listener.heard;
}

describe("a question", () => {
  it("leaves to the engine what isn't set, and asks for figures", async () => {
    const asked = answers([piece("x"), STOP, DONE]);
    await hear();
    expect(JSON.parse(asked.mock.calls[0]?.[1]?.body as string)).toEqual({
      model: "facts",
      messages: QUESTION.messages,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it("hears an answer whose letters are cut in the middle", async () => {
    const bytes = new TextEncoder().encode(piece("Zürich 😀") + STOP + DONE);
    answers([...bytes].map((byte) => new Uint8Array([byte])));
    expect(await hear()).toMatchObject({ text: "Zürich 😀", finish: "stop" });
  });

  it("takes the engine's own figures", async () => {
    const timings = { predicted_n: 12, predicted_per_second: 113.25 };
    answers([piece("x"), STOP, event({ choices: [], usage: { completion_tokens: 12 }, timings }), DONE]);
    expect(await hear()).toMatchObject({ tokens: 12, tokensPerSecond: 113.25 });
  });

  it("keeps thinking apart, under either engine's name of it", async () => {
    const thought = (name: string) => event({ choices: [{ delta: { [name]: "hm " } }] });
    answers([thought("reasoning_content"), thought("reasoning"), piece("yes"), STOP]);
    expect(await hear()).toMatchObject({ thinking: "hm hm ", text: "yes" });
  });
});

describe("an answer that fails", () => {
  const failure = async () => hear().then(() => null, (error: unknown) => error);

  it("is the API's own problem when it is refused", async () => {
    answers([JSON.stringify({ error: { message: "Nothing is served as 'x'" } })], { status: 404 });
    expect(await failure()).toMatchObject({ title: "Nothing is served as 'x'", status: 404 });
  });

  it("is the engine's problem when it breaks off in the middle, and what came before stays", async () => {
    answers([piece("The "), event({ error: { message: "The engine ended" } }), piece("never")]);
    const listener = new Listener();
    const tried = ask(QUESTION, new AbortController().signal, () => undefined, listener);
    await expect(tried).rejects.toMatchObject({ title: "The engine ended" });
    expect(listener.heard.text.startsWith("The ")).toBe(true);
  });

  it("isn't taken for a complete one when the connection ends early", async () => {
    answers([piece("The ")]);
    expect(await failure()).toMatchObject({ title: "The answer broke off" });
    answers([piece("The ")], {}, new TypeError("network"));
    expect(await failure()).toBeInstanceOf(Problem);
  });

  it("bears events that aren't JSON", async () => {
    answers([event("{"), event("null"), ": comment\n\n", piece("x"), STOP]);
    expect((await hear()).text).toBe("x");
  });
});

it("measures the speed itself where the engine doesn't tell it", () => {
  const listener = new Listener();
  listener.take(JSON.stringify({ choices: [{ delta: { content: "a" } }] }), 500);
  listener.take(JSON.stringify({ choices: [], usage: { completion_tokens: 11 } }), 1500);
  expect(listener.heard).toMatchObject({ firstToken: 500, tokens: 11, tokensPerSecond: 10 });
});
