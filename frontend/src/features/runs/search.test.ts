import { expect, it } from "vitest";

import { parseSearch, stringifySearch } from "@/lib/search";

import { newRunSearch, runsSearch } from "./search";

it("an address of runs survives the way there and back", () => {
  const search = runsSearch({ q: "a", sort: "loss", show: ["x", "Custom/lora/train 1"], metric: "lr", x: "time", log: true, smooth: 60 });
  expect(runsSearch(parseSearch(stringifySearch({ ...search })))).toEqual(search);
  expect(search.show).toEqual(["x", "Custom/lora/train 1"]);
});

it("what no page knows, and what is so anyway, is left out", () => {
  expect(stringifySearch({ ...runsSearch({ sort: "size", metric: "speed", x: "step", log: "no", smooth: "0", show: [] }) })).toBe("");
  expect(runsSearch({ smooth: "1000" }).smooth).toBe(99);
});

it("a form's beginning stands in its address", () => {
  expect(newRunSearch(parseSearch("?base=models/base/a&dataset=x&dataset=y&like=z"))).toEqual({
    base: "models/base/a",
    dataset: ["x", "y"],
    like: "z",
  });
});
