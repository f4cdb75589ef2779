import { expect, it, vi } from "vitest";

import { Batches } from "./batches";

const upper = vi.fn((names: string[]) => Promise.resolve(new Map(names.filter((name) => name !== "gone").map((name) => [name, name.toUpperCase()]))));

it("asks once for all that comes together, and for each name once", async () => {
  const batches = new Batches(10, upper, 0);
  const answers = await Promise.all(["a", "b", "a", "gone"].map((name) => batches.ask(name)));
  expect(answers).toEqual(["A", "B", "A", undefined]);
  expect(upper.mock.calls).toEqual([[["a", "b", "gone"]]]);
  await batches.ask("a");
  expect(upper).toHaveBeenCalledTimes(2);
});

it("asks for no more at once than it may", async () => {
  const batches = new Batches(2, upper, 0);
  await Promise.all(["a", "b", "c"].map((name) => batches.ask(name)));
  expect(upper.mock.calls).toEqual([[["a", "b"]], [["c"]]]);
});

it("tells a failure to all who asked, and goes on", async () => {
  const fetch = vi.fn(upper).mockRejectedValueOnce(new Error("away"));
  const batches = new Batches(10, fetch, 0);
  const both = await Promise.allSettled([batches.ask("a"), batches.ask("b")]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await batches.ask("a")).toBe("A");
});
