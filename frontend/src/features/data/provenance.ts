import type { Provenance } from "@/client/queries/datasets";
import { count } from "@/lib/format";

/** What was asked of an import: "conversations, confirmed only, without reasoning". */
export function askedInWords(asked: Provenance["asked"]): string {
  const { content, confirmed, reasoning, system, format } = asked;
  return [
    typeof content === "string" ? content : null,
    confirmed === true ? "confirmed only" : null,
    reasoning === false ? "without reasoning" : null,
    typeof system === "string" && system ? "with a system prompt" : null,
    typeof format === "string" ? `as ${format}` : null,
  ]
    .filter(Boolean)
    .join(", ");
}

const COUNTS: [string, string][] = [
  ["total", "rows"],
  ["taken", "taken"],
  ["left_out_count", "left out"],
  ["confirmed", "confirmed"],
  ["reasoning", "with reasoning"],
  ["duplicates", "asked before"],
];

/** What an import found: "37 rows, 36 taken, 1 left out". Nothing is said of what there is none of. */
export function countsInWords(counts: Provenance["counts"]): string {
  return COUNTS.filter(([name]) => counts[name])
    .map(([name, word]) => `${count(counts[name])} ${word}`)
    .join(", ");
}
