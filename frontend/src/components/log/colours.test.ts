import { expect, it } from "vitest";

import { REVERSE } from "./engine/ansi";
import { contrast, readable } from "./colours";

const THEMES = [
  { ink: [27, 30, 35], ground: [241, 242, 244] },
  { ink: [230, 232, 235], ground: [23, 26, 29] },
] as const;

const levels = [0, 95, 135, 175, 215, 255];
const cube = levels.flatMap((r) => levels.flatMap((g) => levels.map((b) => `${r}, ${g}, ${b}`)));

it("each colour can be read in both themes, alone and on each other", () => {
  for (const theme of THEMES) {
    for (const colour of cube) {
      for (const [fg, bg] of [[colour, undefined], [undefined, colour], [colour, "187, 187, 0"], [colour, REVERSE], [REVERSE, colour]] as const) {
        const { text, behind } = readable(fg, bg, theme);
        expect(contrast(text, behind)).toBeGreaterThanOrEqual(4.5);
      }
    }
  }
});

it("a colour that can be read already stays", () => {
  expect(readable("29, 95, 176", undefined, THEMES[0]).text).toEqual([29, 95, 176]);
});

it("a colour stays a colour", () => {
  const { text } = readable("0, 187, 0", undefined, THEMES[0]);
  expect(text[1]).toBeGreaterThan(text[0] + 50);
});
