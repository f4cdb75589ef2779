import type { components } from "@/client/schema";

type Schemas = components["schemas"];

export type ParityReport = Schemas["ParityReport"];
export type ComparedChat = Schemas["ComparedChat"];
export type Difference = Schemas["Difference"];
export type Round = Schemas["Round"];

/** One column of the matrix: an engine with a template. */
export interface Column {
  key: string;
  engine: string;
  template: string;
  round: Round;
  /** The round that decides. */
  last: boolean;
}

/** An engine was tried with its own template first, and with the trained one where that wasn't the same. */
export function columnsOf(reports: readonly ParityReport[]): Column[] {
  return reports.flatMap(({ engine, rounds }, report) =>
    rounds.map((round, index) => ({
      key: `${report}.${index}`,
      engine: engine.name,
      template: templateName(round.template),
      round,
      last: index === rounds.length - 1,
    })),
  );
}

/** Chats in the order of the corpus, each once. */
export function chatsOf(columns: readonly Column[]): string[] {
  return [...new Set(columns.flatMap(({ round }) => round.chats.map((chat) => chat.name)))];
}

function templateName(template: string): string {
  if (template === "engine") return "the model file’s own template";
  if (template === "trained") return "the trained template";
  return template;
}

export type Verdict = "equal" | "accepted" | "differs" | "refused";

export function verdictOf(chat: ComparedChat): Verdict {
  if (chat.error) return "refused";
  if (chat.equal) return "equal";
  return chat.accepted ? "accepted" : "differs";
}

export function cellWords(chat: ComparedChat): string {
  const at = chat.first_difference?.index;
  const words: Record<Verdict, string> = {
    equal: "equal",
    accepted: "equal but for a special token’s text",
    differs: at === undefined ? "differs" : `differs at token ${at}`,
    refused: "refused",
  };
  return words[verdictOf(chat)];
}

/** What a column says as a whole: "17 of 17 equal". */
export function tally({ chats }: Round): string {
  const equal = chats.filter((chat) => chat.accepted).length;
  return `${equal} of ${chats.length} equal`;
}

/** "plain" → "Plain", "right-to-left" → "Right to left" */
export function chatTitle(name: string): string {
  if (name === "cjk") return "Chinese, Japanese, Korean";
  const words = name.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
