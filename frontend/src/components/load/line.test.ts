import { expect, it } from "vitest";

import { HISTORY_MS, type Sample } from "@/client/history";

import { lineOf, pathsOf } from "./line";

const NOW = 1_000_000_000;
const back = (seconds: number, cpu: number | null): Sample => ({ at: NOW - seconds * 1000, values: { cpu } });

it("values lie where their time is, as high as their share of the top", () => {
  const line = lineOf([back(300, 50), back(290, 100), back(280, 25)], "cpu", NOW, 100);
  expect(line.stretches).toHaveLength(1);
  expect(line.stretches[0]?.[0]).toEqual([0.5, 0.5]);
  expect(line.stretches[0]?.map(([, y]) => y)).toEqual([0.5, 1, 0.25]);
  expect([line.least, line.most, line.last]).toEqual([25, 100, null]);
});

it("without a top the largest value is the top, and nothing rises above it", () => {
  expect(lineOf([back(20, 1), back(10, 4)], "cpu", NOW).stretches[0]?.map(([, y]) => y)).toEqual([0.25, 1]);
  expect(lineOf([back(10, 1)], "cpu", NOW, null, 50).stretches[0]?.[0]?.[1]).toBe(0.02);
  expect(lineOf([back(10, 250)], "cpu", NOW, 200).stretches[0]?.[0]?.[1]).toBe(1);
});

it("what nobody measured is no line", () => {
  const line = lineOf([back(100, 1), back(95, null), back(90, 2), back(40, 3), back(35, null)], "cpu", NOW);
  expect(line.stretches.map((stretch) => stretch.length)).toEqual([2, 1]);
  expect(line.last).toBeNull();
  expect(lineOf([back(10, 3), back(5, null)], "cpu", NOW).last).toBe(3);
  expect(lineOf([], "cpu", NOW)).toEqual({ stretches: [], least: null, most: null, last: null });
});

it("what is older than ten minutes isn't drawn", () => {
  expect(lineOf([{ at: NOW - HISTORY_MS - 1, values: { cpu: 9 } }, back(1, 1)], "cpu", NOW).most).toBe(1);
});

it("paths go from left to right and close at the bottom", () => {
  const { line, ground } = pathsOf(
    [
      [
        [0, 0],
        [0.5, 1],
      ],
    ],
    100,
    20,
  );
  expect(line).toBe("M0 20L50 0");
  expect(ground).toBe("M0 20L0 20L50 0L50 20Z");
  expect(pathsOf([[[1, 0.5]]], 100, 20).line).toBe("M100 10h0");
});
