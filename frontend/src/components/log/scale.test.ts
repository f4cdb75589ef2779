import { expect, it } from "vitest";

import { Scale } from "./scale";

it("a log that fits is as high as it is", () => {
  const scale = new Scale(5_000, 500, 10_000);
  expect([scale.height, scale.down(1_234), scale.scrolled(1_234), scale.drawnAt(777, 1_234)]).toEqual([5_000, 1_234, 1_234, 777]);
});

it("a log that doesn't fit is scrolled over faster: its beginning at the beginning, its end at the end", () => {
  const scale = new Scale(100_500, 500, 10_500);
  expect(scale.height).toBe(10_500);
  expect([scale.down(0), scale.down(5_000), scale.down(10_000)]).toEqual([0, 50_000, 100_000]);
  expect(scale.scrolled(50_000)).toBe(5_000);
  // What is at the top of the box is drawn there.
  expect(scale.drawnAt(50_000, 50_000)).toBe(5_000);
  expect(scale.drawnAt(50_018, 50_000)).toBe(5_018);
});

it("a log shorter than its box isn't scrolled", () => {
  const scale = new Scale(100, 500, 10_000);
  expect([scale.height, scale.down(0), scale.down(50)]).toEqual([100, 0, 0]);
});
