import { expect, it } from "vitest";

import type { Deployment, Release, Served } from "@/client/types";

import { before, interrupted, switchTo } from "./served";
import { ownBytes, sharedBytes } from "./sizes";

const release = (number: number, more: Partial<Release> = {}) => ({ number, name: "facts", ...more }) as Release;
const served = (current: number | null, ...numbers: number[]): Served => ({ name: "facts", current, releases: numbers.map((n) => release(n)) });

it("goes back to the newest release before the current one, over gaps", () => {
  expect(before(served(5, 1, 3, 5, 7))?.number).toBe(3);
  expect(before(served(1, 1, 2))).toBeNull();
  expect(before(served(null, 1))).toBeNull();
});

it("says whether a switch leads back or on", () => {
  expect(switchTo(release(1), 2)).toBe("Go back to release 1");
  expect(switchTo(release(3), 2)).toBe("Go on to release 3");
  expect(switchTo(release(3), null)).toBe("Serve release 3");
});

it("says what a stop would interrupt, and nothing when nobody would notice", () => {
  const one = (name: string, instance: string, state: Deployment["state"], in_flight = 0) => ({ name, instance, state, in_flight }) as Deployment;
  const facts = one("facts", "a", "ready", 2);
  expect(interrupted(facts, [facts, one("tales", "a", "ready"), one("other", "b", "ready"), one("off", "a", "stopped")])).toBe(
    "tales answers from the same process and stops too; 2 answers that are being given break off. The next question starts it again.",
  );
  expect(interrupted(one("facts", "a", "ready"), [])).toBe("");
});

it("counts a shared base apart from what a release takes for itself", () => {
  const pieces = [
    { role: "model", path: "m", sha256: "", bytes: 270 },
    { role: "adapter", path: "a", sha256: "", bytes: 9 },
  ] as Release["pieces"];
  expect(ownBytes(release(1, { way: "adapter", pieces }))).toBe(9);
  expect(sharedBytes(release(1, { way: "adapter", pieces }))).toBe(270);
  expect(ownBytes(release(1, { way: "merge", pieces: pieces.slice(0, 1) }))).toBe(270);
  expect(sharedBytes(release(1, { way: "merge", pieces: pieces.slice(0, 1) }))).toBeNull();
});
