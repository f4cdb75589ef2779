import { describe, expect, it } from "vitest";

import { NOTHING, type Columns } from "@/client/columns";

import { aligned } from "./align";
import { decimated } from "./decimate";
import { lookOf, MOST, slotsOf } from "./look";
import { nearest, seriesOf, spread } from "./series";
import { smoothed } from "./smooth";

describe("smoothing", () => {
  it("is TensorBoard's debiased exponential average", () => {
    const [first, second, third] = smoothed([4, 2, 3], 0.5);
    expect(first).toBeCloseTo(4);
    expect(second).toBeCloseTo((4 * 0.25 + 2 * 0.5) / 0.75);
    expect(third).toBeCloseTo((4 * 0.125 + 2 * 0.25 + 3 * 0.5) / 0.875);
  });

  it("of nothing is nothing, of weight 0 the values, of a constant the constant", () => {
    expect(smoothed([], 0.9)).toEqual([]);
    expect(smoothed([1, 5], 0)).toEqual([1, 5]);
    expect(smoothed([0.1, 0.1, 0.1], 0.99)).toEqual([0.1, 0.1, 0.1]);
  });

  it("stays finite with much weight over many values", () => {
    const values = smoothed(Array.from({ length: 10_000 }, (_, index) => index % 2), 0.99);
    expect(values.at(-1)).toBeCloseTo(0.5, 1);
  });
});

const columns = (more: Partial<Columns>, loss: (number | null)[]): Columns => ({
  ...NOTHING,
  ...more,
  metrics: { ...NOTHING.metrics, loss },
});

describe("a curve's points", () => {
  it("are where the metric was measured", () => {
    const read = columns({ step: [1, 2, 3], epoch: [0.5, 1, 1.5], elapsed: [10, 20, 30] }, [3, null, 1]);
    expect(seriesOf(read, "loss", "step")).toEqual({ x: [1, 3], y: [3, 1] });
    expect(seriesOf(read, "loss", "epoch")).toEqual({ x: [0.5, 1.5], y: [3, 1] });
    expect(seriesOf(read, "loss", "time")).toEqual({ x: [10, 30], y: [3, 1] });
    expect(seriesOf(read, "lr", "step")).toEqual({ x: [], y: [] });
  });

  it("lie evenly within a second, and never in one place", () => {
    expect(spread([1, 1, 1, 1, 2])).toEqual([1, 1.25, 1.5, 1.75, 2]);
    expect(spread([0, 3, 3, 3])).toEqual([0, 3, 4, 5]);
    expect(spread([null, 2, 2, null])).toEqual([null, 2, 2.000001, null]);
    expect(seriesOf(columns({ step: [1, 2, 3], elapsed: [5, 5, 5] }, [3, 2, 1]), "loss", "time").y).toEqual([3, 2, 1]);
  });

  it.each([
    [0, 0],
    [14, 0],
    [16, 1],
    [99, 2],
  ])("nearest to %d is number %d", (x, index) => expect(nearest([10, 20, 30], x)).toBe(index));

  it("nearest of none is none", () => expect(nearest([], 1)).toBe(-1));
});

describe("runs of different steps over one x", () => {
  it("have values where they were measured", () => {
    expect(aligned([{ x: [1, 2, 3], y: [9, 8, 7] }, { x: [2, 4], y: [6, 5] }])).toEqual([
      [1, 2, 3, 4],
      [9, 8, 7, null],
      [null, 6, null, 5],
    ]);
  });

  it("of the same steps are left as they are", () => {
    const [first, second] = [{ x: [1, 2], y: [1, 2] }, { x: [1, 2], y: [3, 4] }];
    const [x, a, b] = aligned([first, second]);
    expect(x).toBe(first.x);
    expect([a, b]).toEqual([[1, 2], [3, 4]]);
  });

  it("without any point are empty", () => {
    expect(aligned([])).toEqual([[]]);
    expect(aligned([{ x: [], y: [] }, { x: [1], y: [2] }])).toEqual([[1], [null], [2]]);
  });
});

describe("fewer points", () => {
  const long = {
    x: Array.from({ length: 10_000 }, (_, index) => index),
    y: Array.from({ length: 10_000 }, (_, index) => (index === 5_432 ? 99 : index === 777 ? -99 : Math.sin(index / 50))),
  };

  it("keep spikes, both ends and the order", () => {
    const { x, y } = decimated(long, 0, 9_999, 300);
    expect(x.length).toBeLessThanOrEqual(602);
    expect([Math.max(...y), Math.min(...y)]).toEqual([99, -99]);
    expect([x[0], x.at(-1)]).toEqual([0, 9_999]);
    expect(x.every((value, index) => index === 0 || value > (x[index - 1] ?? 0))).toBe(true);
  });

  it("of a part in sight are all that it has, and one at either side", () => {
    const { x, y } = decimated(long, 100, 110, 300);
    expect(x).toEqual([99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111]);
    expect(y).toEqual(long.y.slice(99, 112));
  });

  it("of a short curve are the curve", () => expect(decimated({ x: [1, 2], y: [3, 4] }, 0, 9, 10)).toEqual({ x: [1, 2], y: [3, 4] }));
});

describe("colours and strokes", () => {
  it("make each curve another one", () => {
    const looks = new Set(Array.from({ length: MOST }, (_, slot) => JSON.stringify(lookOf(slot))));
    expect(looks.size).toBe(MOST);
    expect(MOST).toBeGreaterThanOrEqual(20);
  });

  it("stay with their curve when another one goes, and are given again", () => {
    const before = slotsOf(["a", "b", "c"], new Map());
    expect([...before]).toEqual([["a", 0], ["b", 1], ["c", 2]]);
    const after = slotsOf(["c", "b", "d"], before);
    expect(Object.fromEntries(after)).toEqual({ b: 1, c: 2, d: 0 });
  });
});
