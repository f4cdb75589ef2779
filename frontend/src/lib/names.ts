/** Names that users give, by the same grammar as the API's (backend: domain/name.py). */
const LONGEST = 80;
const GRAMMAR = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/;

export function isName(text: string): boolean {
  return text.length <= LONGEST && GRAMMAR.test(text) && !text.includes("..");
}

/** The nearest name that is allowed. */
export function suggestion(text: string): string {
  const plain = text.toLowerCase().replace(/[^a-z0-9._-]+/g, "-").replace(/\.{2,}/g, ".");
  return trimmed(trimmed(plain).slice(0, LONGEST)) || "model";
}

/** Why a name can't be used, with what could; null when it can, and while nothing is typed. */
export function againstName(text: string): string | null {
  if (text === "" || isName(text)) return null;
  return `A name is 1 to 80 lower-case letters, digits, dots, dashes or underscores. Try “${suggestion(text)}”.`;
}

function trimmed(text: string): string {
  return text.replace(/^[._-]+|[._-]+$/g, "");
}
