import type { Row } from "@/client/queries/datasets";

/** One turn of a chat, or one field of a row. */
export interface Part {
  name: string;
  text: string;
}

export interface RowShape {
  /** A chat from its first turn to its last; null where the row is no chat. */
  turns: Part[] | null;
  /** What a row says that isn't turns, as far as training reads it. */
  fields: Part[];
  /** What training doesn't read. */
  beside: Part[];
}

/** The roles of other tools' chats, in our words. */
const ROLES: Record<string, string> = { human: "user", gpt: "assistant", bing: "assistant", chatgpt: "assistant" };

/** The fields of the formats that aren't chats, in the order in which they are read. */
const FIELDS = ["system", "instruction", "input", "prompt", "query", "output", "completion", "response"] as const;

/** A row as it is to be shown: messages as a chat, everything else as its fields. Never throws, whatever the row. */
export function shapeOf(row: Row): RowShape {
  const turns = turnsOf(row.messages, "role", "content") ?? turnsOf(row.conversations, "from", "value");
  const used = turns ? (Array.isArray(row.messages) && turnsOf(row.messages, "role", "content") ? "messages" : "conversations") : "";
  const known = FIELDS.filter((name) => name in row);
  const fields = known.filter((name) => row[name] !== "" && row[name] !== null).map((name) => ({ name, text: textOf(row[name]) }));
  const beside = Object.keys(row)
    .filter((name) => name !== used && !known.some((each) => each === name))
    .filter((name) => row[name] !== "" && row[name] !== null)
    .map((name) => ({ name, text: textOf(row[name]) }));
  // A row in no shape that we know: all of it is what there is to see.
  return turns || fields.length > 0 ? { turns, fields, beside } : { turns, fields: beside, beside: [] };
}

function turnsOf(value: unknown, role: string, content: string): Part[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const turns: Part[] = [];
  for (const each of value as unknown[]) {
    if (typeof each !== "object" || each === null || !(content in each)) return null;
    const { [role]: who, [content]: said } = each as Row;
    const name = typeof who === "string" ? who : "?";
    turns.push({ name: ROLES[name] ?? name, text: textOf(said) });
  }
  return turns;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === null || value === undefined ? "" : JSON.stringify(value, null, 1);
}

export interface Passage {
  kind: "said" | "thought";
  text: string;
}

/** An answer's reasoning between <think> and </think>, apart from what it says. */
export function passagesOf(text: string): Passage[] {
  const passages: Passage[] = [];
  const add = (kind: Passage["kind"], part: string) => part.trim() && passages.push({ kind, text: part });
  let rest = text;
  for (;;) {
    const from = rest.indexOf("<think>");
    const to = rest.indexOf("</think>", from);
    if (from < 0 || to < 0) break;
    add("said", rest.slice(0, from));
    add("thought", rest.slice(from + "<think>".length, to).trim());
    rest = rest.slice(to + "</think>".length).replace(/^\n+/, "");
  }
  add("said", rest);
  return passages;
}

/** Rows are counted in windows, so that the list of even millions isn't higher than a browser draws. */
export const WINDOW = 20_000;

/** The window that holds row `row` (from 1), as the first row's index and how many there are. */
export function windowOf(row: number, total: number): { start: number; count: number } {
  const at = Math.min(Math.max(0, row - 1), Math.max(0, total - 1));
  const start = Math.floor(at / WINDOW) * WINDOW;
  return { start, count: Math.max(0, Math.min(WINDOW, total - start)) };
}
