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
  /** It was tried before the template that the release is served with. */
  unused: boolean;
}

/**
 * An engine was tried with its own template first, and with others where that wasn't the same; the last one decides. Of a mended
 * report that one comes first: what was tried before it isn't served.
 */
export function columnsOf(reports: readonly ParityReport[]): Column[] {
  return reports.flatMap(({ engine, rounds, verdict }, report) => {
    const columns = rounds.map((round, index) => ({
      key: `${report}.${index}`,
      engine: engine.name,
      template: templateName(round.template),
      round,
      unused: verdict === "mended" && index < rounds.length - 1,
    }));
    return [...columns.filter(({ unused }) => !unused), ...columns.filter(({ unused }) => unused)];
  });
}

/** Chats in the order of the corpus, each once. */
export function chatsOf(columns: readonly Column[]): string[] {
  return [...new Set(columns.flatMap(({ round }) => round.chats.map((chat) => chat.name)))];
}

const TEMPLATES: Record<string, string> = {
  engine: "the model file’s own template",
  trained: "the training’s template",
  // Ollama's
  llamafactory: "LLaMA-Factory’s own template",
  "trained-without-bos": "the training’s template without its begin token",
};

function templateName(template: string): string {
  return TEMPLATES[template] ?? template;
}

/** How a mended release is served, and what would have become of it otherwise. */
export function mendedWords({ rounds }: Pick<ParityReport, "rounds">): string {
  const used = rounds.at(-1);
  const before = rounds.slice(0, -1);
  if (!used || !before.length) return "What is served is what was trained, after a mend.";
  const served = `Served with ${templateName(used.template)}: ${accepted(used)} of ${used.chats.length} chats equal.`;
  const others = before.map((round, index) => `${templateName(round.template)} ${index ? "" : "would have differed "}in ${differed(round)}`);
  return `${served} ${capital(others.join(", "))}.`;
}

/** "13"; a round may also fail for what a real call evaluated, when all its chats are equal. */
function differed(round: Round): string {
  const differ = round.chats.length - accepted(round);
  return differ ? String(differ) : "a real call";
}

function accepted({ chats }: Round): number {
  return chats.filter((chat) => chat.accepted).length;
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
export function tally(round: Round): string {
  return `${accepted(round)} of ${round.chats.length} equal`;
}

/** "plain" → "Plain", "right-to-left" → "Right to left" */
export function chatTitle(name: string): string {
  if (name === "cjk") return "Chinese, Japanese, Korean";
  return capital(name.replaceAll("-", " "));
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
