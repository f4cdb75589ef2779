import { createParser } from "eventsource-parser";

import { learnClock } from "@/client/clock";
import { logIn } from "@/client/api";
import { asProblem, Problem, problemOf, unreachable } from "@/client/problem";
import type { ChatParameters } from "@/client/types";

import type { Message } from "./conversation";

export interface Question {
  model: string;
  messages: Message[];
  parameters: ChatParameters;
}

/** An answer as far as it has come. Times in ms since the question was sent. */
export interface Heard {
  text: string;
  thinking: string;
  finish: string | null;
  firstToken: number | null;
  tokens: number | null;
  tokensPerSecond: number | null;
}

/** What of an event of the stream is read; engines send more. */
interface Chunk {
  choices?: { delta?: { content?: string | null; reasoning_content?: string | null; reasoning?: string | null }; finish_reason?: string | null }[];
  usage?: { completion_tokens?: number } | null;
  timings?: { predicted_n?: number; predicted_per_second?: number };
  error?: unknown;
}

/** Puts an answer together from the events of its stream. `now`: ms since the question. */
export class Listener {
  readonly heard: Heard = { text: "", thinking: "", finish: null, firstToken: null, tokens: null, tokensPerSecond: null };

  /** Throws the problem that an engine tells in the middle of a stream. */
  take(data: string, now: number): void {
    if (data === "[DONE]") return;
    const chunk = parsed(data);
    if (!chunk) return;
    if (chunk.error !== undefined) throw problemOf(502, { error: chunk.error });
    for (const choice of chunk.choices ?? []) {
      this.write(choice.delta?.content ?? "", choice.delta?.reasoning_content ?? choice.delta?.reasoning ?? "", now);
      this.heard.finish = choice.finish_reason ?? this.heard.finish;
    }
    this.count(chunk, now);
  }

  private write(text: string, thinking: string, now: number): void {
    if (text === "" && thinking === "") return;
    this.heard.firstToken ??= now;
    this.heard.text += text;
    this.heard.thinking += thinking;
  }

  /** The engine's own figures; without a speed of its own it is that from the first token on. */
  private count({ usage, timings }: Chunk, now: number): void {
    const tokens = usage?.completion_tokens ?? timings?.predicted_n;
    if (tokens === undefined) return;
    this.heard.tokens = tokens;
    const writing = (now - (this.heard.firstToken ?? now)) / 1000;
    // The first token took its time before the clock was started.
    const seen = writing > 0 && tokens > 1 ? (tokens - 1) / writing : null;
    this.heard.tokensPerSecond = timings?.predicted_per_second ?? seen;
  }
}

/**
 * Asks a served model, and tells of every piece of its answer. Returns when it is complete; throws a `Problem`, or what an
 * aborted fetch throws.
 */
export async function ask(question: Question, signal: AbortSignal, tell: (heard: Heard) => void, listener = new Listener()): Promise<void> {
  const began = performance.now();
  const response = await sent(question, signal);
  learnClock(response.headers.get("date"));
  if (!response.ok || !response.body) throw await refused(response);
  let failure: unknown;
  const parser = createParser({
    onEvent: ({ data }) => {
      try {
        listener.take(data, performance.now() - began);
      } catch (error) {
        failure ??= error;
      }
    },
  });
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw signal.aborted ? error : brokenOff();
    });
    parser.feed(decoder.decode(value, { stream: !done }));
    if (failure !== undefined) {
      void reader.cancel().catch(() => undefined);
      throw asProblem(failure);
    }
    tell(listener.heard);
    if (done) break;
  }
  if (listener.heard.finish === null) throw brokenOff();
}

async function sent({ model, messages, parameters }: Question, signal: AbortSignal): Promise<Response> {
  const set = Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== null));
  const body = { model, messages, ...set, stream: true, stream_options: { include_usage: true } };
  try {
    return await fetch("/v1/chat/completions", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      body: JSON.stringify(body),
      signal,
    });
  } catch (error) {
    throw signal.aborted ? error : unreachable();
  }
}

async function refused(response: Response): Promise<Problem> {
  if (response.status === 401) logIn();
  const text = await response.text().catch(() => "");
  try {
    return problemOf(response.status, JSON.parse(text));
  } catch {
    return problemOf(response.status, text);
  }
}

function brokenOff(): Problem {
  return new Problem({
    title: "The answer broke off",
    status: 0,
    detail: "The connection ended before the model had finished.",
    remedy: "Ask again. What had come stands here.",
  });
}

function parsed(data: string): Chunk | null {
  try {
    const chunk: unknown = JSON.parse(data);
    return typeof chunk === "object" && chunk !== null ? chunk : null;
  } catch {
    return null;
  }
}
