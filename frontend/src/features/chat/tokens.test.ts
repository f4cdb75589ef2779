import { expect, it } from "vitest";

import { figures, waitingFor } from "./figures";
import { pieceOf } from "./tokens";

it("makes white space visible, and bytes readable", () => {
  expect(pieceOf({ id: 1, piece: " you" })).toEqual({ text: "·you", ends: false });
  expect(pieceOf({ id: 1, piece: ".\n" })).toEqual({ text: ".⏎", ends: true });
  expect(pieceOf({ id: 1, piece: [226, 9] })).toEqual({ text: "‹e2 09›", ends: false });
  expect(pieceOf({ id: 1, piece: "" }).text).toBe("∅");
});

it("says of an answer what is known", () => {
  expect(figures({ pane: 0, text: "", tokens: 84, tokens_per_second: 113.2, first_token_ms: 210, finish: "length" })).toBe(
    "113 tokens/s · first after 0.2 s · 84 tokens · cut at the most tokens",
  );
  expect(figures({ pane: 0, text: "", finish: "stopped" })).toBe("stopped by you");
  expect(figures({ pane: 0, text: "" })).toBe("");
});

it("says when an engine has to start first", () => {
  expect(waitingFor({ state: "starting" } as never, { pane: 0, text: "" })).toContain("starting");
  expect(waitingFor({ state: "ready" } as never, { pane: 0, text: "" })).toContain("reading");
});
