import type { ComparedChat } from "./report";
import { visible } from "./tokens";

/** So much of a text is quoted. */
const QUOTED = 80;

/** What the comparison of one chat means, in a sentence or two. */
export function meaning(chat: ComparedChat): string {
  if (chat.error) return `The engine refuses this chat: ${chat.error}`;
  const found = chat.first_difference;
  if (chat.equal || !found) return `Token for token the same: ${chat.trainer_tokens} of them. The model is given what it was trained on.`;
  if (chat.accepted) {
    return "Both sides have the same text. They differ only in whether the text of a special token, which somebody wrote inside a message, counts as that token; that is accepted.";
  }
  if (found.same_text) {
    return `Both sides have the same text, but cut it into tokens otherwise, from token ${found.index} on. The model was trained on other tokens than it would be given.`;
  }
  return difference(chat, found.index);
}

function difference(chat: ComparedChat, index: number): string {
  const { trainer_text: trained, served_text: served } = chat;
  const change = trained && served ? changeBetween(trained, served) : null;
  if (change?.added && !change.removed) {
    return `The engine puts ${quoted(change.added)} in, which training never had. So in use the model would be given something that it didn’t learn from.`;
  }
  if (change?.removed && !change.added) {
    return `The engine leaves out ${quoted(change.removed)}, which training always had. So in use the model would miss something that it learned to rely on.`;
  }
  if (change) return `Where training had ${quoted(change.removed)}, the engine has ${quoted(change.added)}.`;
  if (index >= chat.trainer_tokens) return `All of training’s ${chat.trainer_tokens} tokens are there, but the engine adds ${chat.served_tokens - index} more.`;
  if (index >= chat.served_tokens) return `The engine stops after token ${index}; training had ${chat.trainer_tokens - index} more.`;
  return `Both sides agree up to token ${index}; from there on the engine gives the model something else than training did.`;
}

/** What stands in `b` in the place of what stands in `a`, once the beginning and the end that they share are taken away. */
export function changeBetween(a: string, b: string): { removed: string; added: string } {
  const left = Array.from(a);
  const right = Array.from(b);
  const shortest = Math.min(left.length, right.length);
  let start = 0;
  while (start < shortest && left[start] === right[start]) start += 1;
  let end = 0;
  while (end < shortest - start && left[left.length - 1 - end] === right[right.length - 1 - end]) end += 1;
  const removed = left.slice(start, left.length - end);
  const added = right.slice(start, right.length - end);
  if (!removed.length) return { removed: "", added: natural(left.slice(0, start), added) };
  if (!added.length) return { removed: natural(left.slice(0, start), removed), added: "" };
  return { removed: removed.join(""), added: added.join("") };
}

/**
 * `<s>user` may have become `<s>system<s>user` by `system<s>` or by `<s>system`: of all the ways to say what was put in behind
 * `before`, the one that begins and ends where messages do.
 */
function natural(before: string[], put: string[]): string {
  let best = put;
  let most = score(before.at(-1), put);
  let shifted = put;
  for (let back = 1; back <= before.length && before.at(-back) === shifted.at(-1); back += 1) {
    shifted = [shifted.at(-1) ?? "", ...shifted.slice(0, -1)];
    const next = score(before.at(-back - 1), shifted);
    if (next > most) {
      best = shifted;
      most = next;
    }
  }
  return best.join("");
}

function score(before: string | undefined, put: readonly string[]): number {
  const ends = (letter: string | undefined) => letter === undefined || letter === "\n" || letter === ">" || letter === "]";
  return 2 * Number(ends(before)) + Number(put[0] === "<" || put[0] === "[") + Number(ends(put.at(-1)));
}

function quoted(text: string): string {
  const shown = Array.from(text);
  return `“${visible(shown.slice(0, QUOTED).join(""))}${shown.length > QUOTED ? " …" : ""}”`;
}
