import type { Chat, ChatContent, ChatParameters } from "@/client/types";

export type Answer = ChatContent["turns"][number]["answers"][number];
export type Pane = ChatContent["panes"][number];
export type Rating = NonNullable<Answer["rating"]>;

export interface Message {
  role: "system" | "user" | "assistant";
  content: string;
}

/** A question and its answers, the left pane's first. `seed` decides in which order a blind comparison shows them. */
export interface Turn {
  prompt: string;
  answers: Answer[];
}

export interface Conversation {
  title: string;
  system: string;
  parameters: ChatParameters;
  /** Every model that took part, at the place that its answers name. */
  panes: Pane[];
  turns: Turn[];
}

export const EMPTY: Conversation = { title: "", system: "", parameters: {}, panes: [], turns: [] };

/** The API keeps as many. */
const MOST_PANES = 8;
const LONGEST_TITLE = 80;

/**
 * What the model in a column is asked: that column's own conversation, with the question `prompt` at its end. Turns that it
 * didn't answer are left out, since a template may not bear two questions in a row.
 */
export function messagesOf(system: string, turns: readonly Turn[], column: number, prompt: string): Message[] {
  const before = turns.flatMap((turn): Message[] => {
    const answer = turn.answers[column];
    if (!answer?.text) return [];
    return [
      { role: "user", content: turn.prompt },
      { role: "assistant", content: answer.text },
    ];
  });
  const opening: Message[] = system.trim() === "" ? [] : [{ role: "system", content: system }];
  return [...opening, ...before, { role: "user", content: prompt }];
}

/** `panes` with this one in it, and its place. Null: there are too many. */
export function withPane(panes: readonly Pane[], pane: Pane): { panes: Pane[]; place: number } | null {
  const known = panes.findIndex((each) => each.model === pane.model && (each.release ?? null) === (pane.release ?? null));
  if (known >= 0) return { panes: [...panes], place: known };
  return panes.length >= MOST_PANES ? null : { panes: [...panes, pane], place: panes.length };
}

/** What a chat is called until somebody gives it a name. */
export function titleOf(prompt: string): string {
  const line = prompt.trim().split("\n")[0]?.trim() ?? "";
  const letters = Array.from(line);
  return letters.length > LONGEST_TITLE ? `${letters.slice(0, LONGEST_TITLE - 1).join("")}…` : line || "Chat";
}

export function fromStored(chat: Chat): Conversation {
  return {
    title: chat.title,
    system: chat.system ?? "",
    parameters: chat.parameters,
    panes: chat.panes,
    turns: chat.turns.map((turn) => ({ prompt: turn.prompt, answers: turn.answers })),
  };
}

export function toStored(conversation: Conversation): ChatContent {
  return { ...conversation, system: conversation.system.trim() === "" ? null : conversation.system };
}

/** The models of the last turn, by column. */
export function lastModels(conversation: Conversation): string[] {
  const answers = conversation.turns.at(-1)?.answers ?? [];
  return answers.map((answer) => conversation.panes[answer.pane]?.model).filter((model) => model !== undefined);
}

/** Both answers are rated, or one of a blind comparison was preferred: then it isn't blind any more. */
export function isJudged(turn: Turn): boolean {
  return turn.answers.some((answer) => answer.rating != null);
}

/** Ratings with the answer in `column` as the better one; null: neither, so both are rated alike. */
export function preferred(answers: readonly Answer[], column: number | null): Answer[] {
  return answers.map((answer, index) => ({ ...answer, rating: column === null ? "down" : index === column ? "up" : "down" }));
}

/** How often each model was preferred in a chat; models that never were stand with 0. */
export function score(conversation: Conversation): { model: string; up: number; down: number }[] {
  const models = new Map<string, { up: number; down: number }>();
  for (const answer of conversation.turns.flatMap((turn) => turn.answers)) {
    const model = conversation.panes[answer.pane]?.model;
    if (model === undefined) continue;
    const so = models.get(model) ?? { up: 0, down: 0 };
    models.set(model, { up: so.up + Number(answer.rating === "up"), down: so.down + Number(answer.rating === "down") });
  }
  return [...models].map(([model, counts]) => ({ model, ...counts }));
}

/** Whether a blind comparison shows the right answer first. By the chat and the turn’s place, so that a reload doesn't shuffle. */
export function isSwapped(id: string, place: number): boolean {
  let hash = 2166136261;
  for (const letter of `${id} ${place}`) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16777619);
  // The low bits of this hash follow the last letter; the high ones don't.
  return ((hash >>> 0) & 0x10000) !== 0;
}

export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
