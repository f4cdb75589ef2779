import { text, type Search } from "@/lib/search";

export interface ChatSearch {
  left?: string;
  right?: string;
  /** A chat of the history. */
  chat?: string;
}

export const chatSearch = (given: Search): ChatSearch => ({
  left: text(given.left),
  right: text(given.right),
  chat: text(given.chat),
});
