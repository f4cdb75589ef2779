import { expect, it } from "vitest";

import { endsOf } from "./ends";

it("keeps the end of a long name, by which its family is told apart", () => {
  expect(endsOf("smollm2-135m-instruct-lamps")).toEqual(["smollm2-135m-inst", "ruct-lamps"]);
  expect(endsOf("checkpoint-16")).toBeNull();
});

it("tears no character", () => {
  const [start = "", end = ""] = endsOf("🦙".repeat(21)) ?? [];
  expect([start, end]).toEqual(["🦙".repeat(11), "🦙".repeat(10)]);
});
