import { expect, it } from "vitest";

import { pathOf } from "./path";

it("goes from the first to the last step, and from the greatest to the least", () => {
  expect(pathOf({ steps: [10, 20, 30], loss: [3, 1, 2] }, 100, 22)).toBe("M0 1L50 21L100 11");
});

it("of a loss that never changes runs along the middle", () => {
  expect(pathOf({ steps: [1, 2], loss: [0, 0] }, 100, 22)).toBe("M0 11L100 11");
});
