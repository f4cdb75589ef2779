import { expect, it } from "vitest";

import { HISTORY_MS, samplesOf, withSample } from "./history";

const at = (time: number, cpu: number | null) => ({ at: time, values: { cpu } });

it("rows of the API end now and go back by their spacing", () => {
  const samples = samplesOf(5, { cpu_percent: [null, 20, 30], memory_bytes: [1, 2, 3] }, 100_000);
  expect(samples.map((each) => each.at)).toEqual([90_000, 95_000, 100_000]);
  expect(samples[0]?.values).toEqual({ cpu_percent: null, memory_bytes: 1 });
  expect(samplesOf(5, { cpu_percent: [], memory_bytes: [] }, 100_000)).toEqual([]);
});

it("a newer sample comes last, and what is older than ten minutes goes", () => {
  const samples = [at(0, 1), at(5_000, 2), at(HISTORY_MS, 3)];
  expect(withSample(samples, at(HISTORY_MS + 5_000, 4))).toEqual([at(HISTORY_MS, 3), at(HISTORY_MS + 5_000, 4)]);
});

it("two of the same moment count as one", () => {
  expect(withSample([at(0, 1), at(5_000, 2)], at(5_300, 3))).toEqual([at(0, 1), at(5_300, 3)]);
});

it("a clock that was set back leaves nothing in the future", () => {
  expect(withSample([at(0, 1), at(50_000, 2)], at(20_000, 3))).toEqual([at(0, 1), at(20_000, 3)]);
});
