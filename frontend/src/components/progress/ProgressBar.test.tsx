import { expect, it } from "vitest";

import type { Job } from "@/client/types";

import { progressWords, shareOf } from "./ProgressBar";

const steps = (...states: [string, (number | null)?][]): Pick<Job, "steps"> => ({
  steps: states.map(([state, done]) => ({ state, progress: done == null ? null : { done, total: 10 } })) as Job["steps"],
});

it("steps count alike, the running one by its own progress", () => {
  expect(shareOf(steps(["succeeded"], ["running", 5], ["pending"], ["pending"]))).toBe(0.375);
  expect(shareOf(steps(["running", 2]))).toBe(0.2);
  expect(shareOf(steps(["succeeded"], ["running"]))).toBe(0.5);
});

it("nothing is said of what nobody knows", () => {
  expect(shareOf(steps(["running"]))).toBeNull();
  expect(shareOf(steps(["pending"]))).toBeNull();
});

it("progress is said in the tool's own unit, with what is left", () => {
  expect(progressWords({ done: 20, total: 80, unit: "steps", note: "", eta_seconds: 600 })).toBe(
    "20 of 80 steps, about 10 min left",
  );
  expect(progressWords({ done: 3, unit: "parts", note: "" })).toBe("3 parts");
  expect(progressWords(null)).toBe("");
});
