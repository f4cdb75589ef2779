import { describe, expect, it } from "vitest";

import { about, between, bytes, duration, number, relative } from "./format";

describe("what isn't known", () => {
  it.each([bytes, duration, about, number])("is a dash, never 0", (say) => {
    expect([say(null), say(undefined), say(NaN)]).toEqual(["–", "–", "–"]);
  });
});

it.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1536, "1.50 KiB"],
  [250 * 2 ** 20, "250 MiB"],
  [1.2 * 2 ** 30, "1.20 GiB"],
])("%i bytes are %s", (value, said) => expect(bytes(value)).toBe(said));

it.each([
  [0.04, "0.0 s"],
  [9.96, "10 s"],
  [59.6, "1:00 min"],
  [187, "3:07 min"],
  [8100, "2:15 h"],
  [273_600, "3 d 4 h"],
])("%d seconds are %s", (value, said) => expect(duration(value)).toBe(said));

it.each([
  [0, "0"],
  [0.5, "0.5"],
  [1.5, "1.5"],
  [10, "10"],
  [0.00002, "2.00e-5"],
  [123.4, "123"],
  [12_345.6, "12,346"],
])("%d is said %s", (value, said) => expect(number(value)).toBe(said));

it("a time is said from now, both ways", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  expect(relative("2026-03-01T11:56:00Z", now)).toBe("4 min ago");
  expect(relative("2026-03-01T14:00:00Z", now)).toBe("in 2 h");
  expect(relative("2026-03-01T11:59:58Z", now)).toBe("just now");
  expect(relative("nonsense", now)).toBe("–");
});

describe("a span of what is predicted", () => {
  it.each([
    [118, 301, "2 to 5 min"],
    [38, 120, "40 s to 2 min"],
    [3, 42, "3 to 40 s"],
    [2, 8, "a few seconds"],
    [170, 190, "about 3 min"],
    [5000, 9000, "83 min to 2.5 h"],
  ])("%d to %d seconds is “%s”", (low, high, said) => {
    expect(between(low, high)).toBe(said);
  });
});
