import { describe, expect, it } from "vitest";

import { append, NOTHING, type ColumnsAnswer } from "./columns";

type Line = [step: number, more?: Partial<Record<"loss" | "eval_loss" | "elapsed_seconds" | "epoch", number>>];

/** An answer as the API makes it of these lines; a line has ten bytes. */
function answer(start: number, lines: Line[]): ColumnsAnswer {
  const column = (name: keyof NonNullable<Line[1]>) => lines.map(([, more]) => more?.[name] ?? null);
  const none = lines.map(() => null);
  return {
    start,
    offset: start + 10 * lines.length,
    total_steps: 10,
    step: lines.map(([step]) => step),
    epoch: column("epoch"),
    elapsed_seconds: column("elapsed_seconds"),
    loss: column("loss"),
    eval_loss: column("eval_loss"),
    lr: none,
    grad_norm: none,
    tokens_per_second: none,
  };
}

describe("a log that grows", () => {
  it("goes on where it was read to, and leaves what was there as it was", () => {
    const first = append(NOTHING, answer(0, [[1, { loss: 3 }], [2, { loss: 2 }]]));
    const second = append(first, answer(20, [[3, { loss: 1 }]]));
    expect(first.step).toEqual([1, 2]);
    expect(second.step).toEqual([1, 2, 3]);
    expect(second.metrics.loss).toEqual([3, 2, 1]);
    expect(second.metrics.lr).toEqual([null, null, null]);
    expect([second.offset, second.totalSteps]).toEqual([30, 10]);
  });

  it("is the same object while nothing comes", () => {
    const first = append(NOTHING, answer(0, [[1]]));
    expect(append(first, answer(10, []))).toBe(first);
  });

  it("that was begun anew takes the place of what was read", () => {
    const first = append(NOTHING, answer(0, [[1, { loss: 3 }], [2, { loss: 2 }]]));
    expect(append(first, answer(0, [[1, { loss: 9 }]])).metrics.loss).toEqual([9]);
  });
});

it("lines of one step are one entry: a loss, its evaluation, the trainer's last word without either", () => {
  const read = append(NOTHING, answer(0, [[4, { loss: 2, epoch: 1 }], [4, { eval_loss: 1.5 }], [4]]));
  expect(read.step).toEqual([4]);
  expect([read.metrics.loss, read.metrics.eval_loss, read.epoch]).toEqual([[2], [1.5], [1]]);
});

describe("a training that went on from a checkpoint", () => {
  const read = append(
    NOTHING,
    answer(0, [
      [1, { loss: 4, elapsed_seconds: 10 }],
      [2, { loss: 3, elapsed_seconds: 20 }],
      [3, { loss: 2, elapsed_seconds: 30 }],
      [2, { loss: 3.5, elapsed_seconds: 8 }],
      [3, { loss: 2.5, elapsed_seconds: 16 }],
    ]),
  );

  it("counts each step as it was trained last", () => {
    expect(read.step).toEqual([1, 2, 3]);
    expect(read.metrics.loss).toEqual([4, 3.5, 2.5]);
  });

  it("has a time that never goes back", () => {
    expect(read.elapsed).toEqual([10, 18, 26]);
  });

  it("goes on so in later answers", () => {
    expect(append(read, answer(50, [[4, { elapsed_seconds: 24 }]])).elapsed.at(-1)).toBe(34);
  });
});
