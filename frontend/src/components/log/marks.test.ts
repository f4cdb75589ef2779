import { expect, it } from "vitest";

import { marked } from "./marks";

const look = { bold: true } as const;
const words = (found: [number, number][]) =>
  marked([{ text: "abc" }, { text: "def", look }], found).map((piece) => (piece.found ? `<${piece.text}>` : piece.text) + (piece.look ? "!" : ""));

it.each([
  [[], ["abc", "def!"]],
  [[[1, 2]], ["a", "<b>", "c", "def!"]],
  [[[2, 4]], ["ab", "<c>", "<d>!", "ef!"]],
  [[[0, 6]], ["<abc>", "<def>!"]],
  [
    [
      [0, 1],
      [1, 2],
      [5, 6],
    ],
    ["<a>", "<b>", "c", "de!", "<f>!"],
  ],
] as [[number, number][], string[]][])("%j", (found, pieces) => {
  expect(words(found)).toEqual(pieces);
});
