import type { ChatParameters, Sampling } from "@/client/types";

export type Name = keyof Required<ChatParameters>;

interface Field {
  name: Name;
  label: string;
  /** What it does, in one line. */
  description: string;
  least: number;
  most: number;
  whole: boolean;
  /** Ollama's OpenAI-compatible address leaves it out without a word (0.17.4, openai/openai.go). */
  llamaOnly?: true;
}

/** Under the names that llama.cpp takes at /v1/chat/completions. */
export const FIELDS: readonly Field[] = [
  { name: "temperature", label: "Temperature", description: "0 always takes the likeliest token.", least: 0, most: 5, whole: false },
  { name: "top_p", label: "Top-p", description: "Only the likeliest that make up this share.", least: 0, most: 1, whole: false },
  { name: "min_p", label: "Min-p", description: "Only those at least this likely, beside the likeliest.", least: 0, most: 1, whole: false, llamaOnly: true },
  { name: "repeat_penalty", label: "Repetition penalty", description: "Above 1, what was said is less likely.", least: 0.1, most: 5, whole: false, llamaOnly: true },
  { name: "max_tokens", label: "Most tokens", description: "Where an answer ends at the latest.", least: 1, most: 1_000_000, whole: true },
  { name: "seed", label: "Seed", description: "The same one gives the same answer again.", least: 0, most: 4_294_967_295, whole: true },
];

/** Settings as they are typed: text, so that nothing that is typed is lost. */
export type Typed = Partial<Record<Name, string>>;

/** A typed value as a number; null: left to the engine; undefined: it can't be one. */
export function valueOf(field: Field, typed: string | undefined): number | null | undefined {
  const text = (typed ?? "").trim().replace(",", ".");
  if (text === "") return null;
  const value = Number(text);
  if (!Number.isFinite(value) || value < field.least || value > field.most) return undefined;
  return field.whole && !Number.isInteger(value) ? undefined : value;
}

export function against(field: Field, typed: string | undefined): string | null {
  if (valueOf(field, typed) !== undefined) return null;
  return `${field.whole ? "A whole number" : "A number"} from ${field.least} to ${field.most}.`;
}

/** What is sent; values that can't be are left to the engine. */
export function parametersOf(typed: Typed): ChatParameters {
  return Object.fromEntries(FIELDS.map((field) => [field.name, valueOf(field, typed[field.name]) ?? null]));
}

export function typedOf(parameters: ChatParameters): Typed {
  return Object.fromEntries(FIELDS.flatMap(({ name }) => (parameters[name] == null ? [] : [[name, String(parameters[name])]])));
}

/** "temperature 0 · seed 42": what isn't left to the engine. */
export function summary(typed: Typed): string {
  const set = FIELDS.filter((field) => valueOf(field, typed[field.name]) != null);
  return set.map((field) => `${field.label.toLowerCase()} ${(typed[field.name] ?? "").trim()}`).join(" · ");
}

/** The set ones that Ollama would leave out. */
export function unheard(typed: Typed): string[] {
  return FIELDS.filter((field) => field.llamaOnly && valueOf(field, typed[field.name]) != null).map((field) => field.label.toLowerCase());
}

const OWN = "the engine’s own";

/** What stands in a field that is left to the engines, of those that answer: their numbers, as far as they are known. */
export function ownOf(name: Name, engines: readonly (Sampling | undefined)[]): string {
  const values = engines.map((each) => (isSampled(name) ? each?.[name] : null) ?? null);
  const said = new Set(values.map((value) => (value === null ? OWN : String(value))));
  return said.size ? [...said].join(" / ") : OWN;
}

const isSampled = (name: Name): name is Name & keyof Sampling => name !== "max_tokens" && name !== "seed";
