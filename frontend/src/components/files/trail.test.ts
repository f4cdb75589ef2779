import { describe, expect, it } from "vitest";

import { isPath, moved, named, trail, within } from "./trail";

describe("the way to a folder", () => {
  it("begins at the innermost allowed folder that holds it", () => {
    expect(trail("/home/u/tunesmith/data/a b", ["/home/u", "/home/u/tunesmith"])).toEqual([
      { label: "/home/u/tunesmith", path: "/home/u/tunesmith" },
      { label: "data", path: "/home/u/tunesmith/data" },
      { label: "a b", path: "/home/u/tunesmith/data/a b" },
    ]);
  });

  it("is the folder itself where no allowed one holds it, and works from the root of all", () => {
    expect(trail("/x", ["/home"])).toEqual([{ label: "/x", path: "/x" }]);
    expect(trail("/etc/x", ["/"]).map((each) => each.path)).toEqual(["/", "/etc", "/etc/x"]);
  });

  it("isn't misled by a common beginning", () => {
    expect(within("/home/user2", "/home/user")).toBe(false);
    expect(within("/home/user/x", "/home/user")).toBe(true);
  });
});

it("filters by every word, whatever its case", () => {
  const entries = [{ name: "Train-v2.jsonl" }, { name: "train.json" }];
  expect(named(entries, "v2 TRAIN")).toEqual([entries[0]]);
  expect(named(entries, " ")).toEqual(entries);
});

it("moves within the list, and not in an empty one", () => {
  expect(moved("ArrowDown", -1, 3, 10)).toBe(0);
  expect(moved("ArrowUp", 0, 3, 10)).toBe(0);
  expect(moved("PageDown", 1, 5, 10)).toBe(4);
  expect(moved("End", 0, 5, 10)).toBe(4);
  expect(moved("ArrowDown", -1, 0, 10)).toBeNull();
  expect(moved("a", 1, 3, 10)).toBeNull();
});

it("tells a path from a name", () => {
  expect(["/", " /data", "~", "~/x", " ~ "].map(isPath)).toEqual([true, true, true, true, true]);
  expect(["~notes", "a/b", "a~", ""].map(isPath)).toEqual([false, false, false, false]);
});
