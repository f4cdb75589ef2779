import { expect, it } from "vitest";

import { below, bySize, rest, shares, type Part } from "./disk";

const part = (name: string, bytes: number, files: number, entries: [number, number][] = []): Part => ({
  part: name,
  path: `/home/t/${name}`,
  bytes,
  files,
  alone: bytes,
  entries: entries.map(([bytes, files], index) => ({ path: `/home/t/${name}/${index}`, bytes, files })),
});

it("the largest part comes first, and empty ones not at all", () => {
  expect(bySize([part("a", 1, 1), part("b", 9, 2), part("c", 0, 0)]).map((each) => each.part)).toEqual(["b", "a"]);
});

it("an entry is named from its part on", () => {
  expect(below("/home/t/saves", "/home/t/saves/run/x")).toBe("run/x");
  expect(below("/home/t/saves", "/home/t/savesome")).toBe("/home/t/savesome");
});

it("what isn't among the named entries is summed up", () => {
  expect(
    rest(
      part("a", 100, 10, [
        [60, 4],
        [20, 1],
      ]),
    ),
  ).toEqual({ bytes: 20, files: 5 });
  expect(
    rest(
      part("a", 80, 5, [
        [60, 4],
        [20, 1],
      ]),
    ),
  ).toBeNull();
});

it("of entries that share files the unnamed rest is what it is alone", () => {
  expect(rest({ ...part("a", 100, 10, [[90, 4]]), alone: 150 })).toEqual({ bytes: 60, files: 6 });
});

it("sharing is worth a word where the sizes tell it", () => {
  expect([shares(310, 220), shares(1000, 995), shares(0, 0)]).toEqual([true, false, false]);
});
