import { FIELDS, type Typed } from "./settings";

/** What isn't sent yet: the question, the models, and how they shall answer. Kept while a person types. */
export interface ChatForm {
  text: string;
  left?: string;
  right?: string;
  system: string;
  typed: Typed;
  /** Which model answered is hidden until the answers are judged. */
  blind: boolean;
}

export const NEW: ChatForm = { text: "", system: "", typed: {}, blind: false };

/** A form that was kept, whatever an earlier version of this page kept. */
export function parseForm(stored: Record<string, unknown>): ChatForm {
  const typed = typeof stored.typed === "object" && stored.typed !== null ? (stored.typed as Record<string, unknown>) : {};
  return {
    text: word(stored.text) ?? "",
    left: word(stored.left),
    right: word(stored.right),
    system: word(stored.system) ?? "",
    typed: Object.fromEntries(FIELDS.flatMap(({ name }) => (typeof typed[name] === "string" ? [[name, typed[name]]] : []))),
    blind: stored.blind === true,
  };
}

function word(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
