import type { Difference } from "./report";

export interface Token {
  id: number;
  /** Its text, whitespace made visible; null where the model's tokenizer doesn't know the id, or wasn't asked. */
  text: string | null;
  /** Its place in the chat, from 0. */
  place: number;
  /** It stands at or behind the first difference. */
  off: boolean;
}

/** Both token rows around the first difference, cut to the same places. */
export function rowsOf(found: Difference): { trained: Token[]; served: Token[] } {
  const row = (ids: number[], pieces: (string | null)[]) =>
    ids.map((id, at) => {
      const place = found.from_index + at;
      const piece = pieces[at];
      return { id, text: piece == null ? null : visible(piece), place, off: place >= found.index };
    });
  return { trained: row(found.trainer_ids, found.trainer_pieces), served: row(found.served_ids, found.served_pieces) };
}

const SIGNS: Record<string, string> = { " ": "·", "\n": "⏎", "\t": "→", "\r": "␍", "\u00a0": "⍽", "": "∅" };

/** Text in which whitespace can be seen. */
export function visible(text: string): string {
  return text.replace(/[ \n\t\r\u00a0]/g, (space) => SIGNS[space] ?? space) || "∅";
}

/** How far a strip has to be scrolled for a token to stand in the middle of what is seen of it, beside a head that stays. */
export function middleOf(left: number, width: number, seen: number, head: number): number {
  return Math.max(0, left + width / 2 - (head + seen) / 2);
}
