import { asProblem } from "@/client/problem";
import type { ChatParameters } from "@/client/types";

import { ask, Listener, type Question } from "./ask";
import {
  EMPTY,
  messagesOf,
  newId,
  titleOf,
  toStored,
  withPane,
  type Answer,
  type Conversation,
  type Pane,
  type Rating,
  type Turn,
} from "./conversation";
import { Keeper, type Keep } from "./keeper";

export interface Session {
  /** Null until something was asked. */
  id: string | null;
  conversation: Conversation;
  /** Columns whose answer is being written, in the last turn. */
  writing: readonly number[];
  /** Why the chat isn't kept, if it isn't. */
  unkept: unknown;
}

export interface Asked {
  prompt: string;
  /** Left, and right where there are two. */
  panes: Pane[];
  system: string;
  parameters: ChatParameters;
}

type Asker = (question: Question, signal: AbortSignal, tell: () => void, listener: Listener) => Promise<void>;

/** Text that comes is drawn this often, however fast it comes. */
const DRAW_MS = 80;

let made = 0;

/** One chat: asks, listens, and keeps. It lives as long as the page, so that an answer goes on while another page is open. */
export class ChatSession {
  /** Tells this chat from others on the page, also before it has an id. */
  readonly key = ++made;
  private state: Session;
  private readonly listeners = new Set<() => void>();
  private readonly keeper: Keeper;
  private stopping = new AbortController();
  private drawing: ReturnType<typeof setTimeout> | undefined;
  /** What draws each column that is being written. */
  private readonly heard = new Map<number, () => void>();

  constructor(
    keep: Keep,
    opened: { id: string; conversation: Conversation } | null = null,
    private readonly asks: Asker = ask,
  ) {
    this.state = { id: opened?.id ?? null, conversation: opened?.conversation ?? EMPTY, writing: [], unkept: null };
    this.keeper = new Keeper(keep, (unkept) => this.show({ unkept }));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): Session => this.state;

  /** Asks the panes, all at once. Throws nothing: what fails stands in the answer. Returns the chat's id at once. */
  ask(asked: Asked): string {
    return this.put(asked, this.state.conversation.turns);
  }

  /**
   * Asks the turn at `place` again, with another question or the same. What came after it goes, so an earlier turn than the
   * last is asked again in a chat of its own.
   */
  again(place: number, asked: Asked): string {
    const { turns, title } = this.state.conversation;
    if (place < turns.length - 1) {
      this.stop();
      this.keeper.flush(false);
      this.show({ id: null, conversation: { ...this.state.conversation, title: place === 0 ? "" : title } });
    }
    return this.put(asked, turns.slice(0, place));
  }

  /** Ends the answers that are being written; what has come stays. */
  stop(): void {
    this.stopping.abort();
  }

  rate(place: number, column: number, rating: Rating | null): void {
    this.change(place, (turn) => ({ ...turn, answers: turn.answers.map((each, index) => (index === column ? { ...each, rating } : each)) }));
  }

  /** All ratings of a turn at once. */
  judge(place: number, answers: Answer[]): void {
    this.change(place, (turn) => ({ ...turn, answers }));
  }

  rename(title: string): void {
    this.show({ conversation: { ...this.state.conversation, title } });
    this.keep();
  }

  /** The page goes: what waits to be kept is sent now. */
  flush(): void {
    this.draw();
    if (this.state.writing.length) this.keep();
    this.keeper.flush(true);
  }

  private put(asked: Asked, before: readonly Turn[]): string {
    const id = this.state.id ?? newId();
    const { title } = this.state.conversation;
    let panes: Pane[] = this.state.conversation.panes;
    const places = asked.panes.map((pane) => {
      const found = withPane(panes, pane);
      panes = found?.panes ?? panes;
      // More models than a chat can name: the answer then stands under the last one's place of its column.
      return found?.place ?? panes.length - 1;
    });
    const turn: Turn = { prompt: asked.prompt, answers: places.map((pane) => ({ pane, text: "" })) };
    const conversation = {
      title: title || titleOf(asked.prompt),
      system: asked.system,
      parameters: asked.parameters,
      panes,
      turns: [...before, turn],
    };
    this.stopping.abort();
    this.stopping = new AbortController();
    this.heard.clear();
    this.show({ id, conversation, writing: asked.panes.map((_, column) => column) });
    this.keep();
    asked.panes.forEach((pane, column) => {
      const messages = messagesOf(asked.system, before, column, asked.prompt);
      void this.listen({ model: pane.model, messages, parameters: asked.parameters }, before.length, column, this.stopping.signal);
    });
    return id;
  }

  private async listen(question: Question, place: number, column: number, signal: AbortSignal): Promise<void> {
    const began = performance.now();
    const listener = new Listener();
    const write = (more: Partial<Answer> = {}) => this.write(place, column, { ...answerOf(listener), ...more });
    let drawn = "";
    this.heard.set(column, () => {
      const now = listener.heard.text + listener.heard.thinking;
      if (now !== drawn) write();
      drawn = now;
    });
    let ended: Partial<Answer> = {};
    try {
      await this.asks(question, signal, () => this.drawSoon(), listener);
    } catch (error) {
      ended = signal.aborted ? { finish: "stopped" } : { error: wordsOf(error) };
    }
    // Another question took this one's place.
    if (signal !== this.stopping.signal) return;
    this.heard.delete(column);
    write({ ...ended, seconds: (performance.now() - began) / 1000 });
    this.show({ writing: this.state.writing.filter((each) => each !== column) });
    this.keep();
  }

  private write(place: number, column: number, answer: Partial<Answer>): void {
    const { turns } = this.state.conversation;
    const turn = turns[place];
    if (!turn) return;
    const answers = turn.answers.map((each, index) => (index === column ? { ...each, ...answer } : each));
    this.show({ conversation: { ...this.state.conversation, turns: turns.with(place, { ...turn, answers }) } });
  }

  private change(place: number, to: (turn: Turn) => Turn): void {
    const { turns } = this.state.conversation;
    const turn = turns[place];
    if (!turn) return;
    this.show({ conversation: { ...this.state.conversation, turns: turns.with(place, to(turn)) } });
    this.keep();
  }

  private keep(): void {
    const { id, conversation } = this.state;
    if (id !== null) this.keeper.put(id, toStored(conversation));
  }

  private drawSoon(): void {
    this.drawing ??= setTimeout(() => this.draw(), DRAW_MS);
  }

  private draw(): void {
    clearTimeout(this.drawing);
    this.drawing = undefined;
    for (const write of this.heard.values()) write();
  }

  private show(more: Partial<Session>): void {
    this.state = { ...this.state, ...more };
    for (const listener of this.listeners) listener();
  }
}

function answerOf({ heard }: Listener): Partial<Answer> {
  return {
    text: heard.text,
    thinking: heard.thinking || null,
    finish: heard.finish,
    first_token_ms: heard.firstToken,
    tokens: heard.tokens,
    tokens_per_second: heard.tokensPerSecond,
  };
}

/** A problem as the answer keeps it: title, detail and remedy, a line each. */
function wordsOf(error: unknown): string {
  const { title, detail, remedy } = asProblem(error);
  return [title, detail, remedy].filter(Boolean).join("\n");
}

