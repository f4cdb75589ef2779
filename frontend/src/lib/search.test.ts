import { expect, it } from "vitest";

import { oneOf, parseSearch, several, severalOf, stringifySearch, text, whole } from "./search";

it("an address survives the way there and back", () => {
  const search = { q: "a b&c=d", state: ["running", "failed"], smooth: 60, log: true, none: undefined };
  const query = stringifySearch(search);
  expect(query).toBe("?q=a+b%26c%3Dd&state=running&state=failed&smooth=60&log=true");
  expect(parseSearch(query)).toEqual({ q: "a b&c=d", state: ["running", "failed"], smooth: "60", log: "true" });
});

it("what nobody knows is left out", () => {
  expect(oneOf("x", ["a", "b"])).toBeUndefined();
  expect(severalOf(["a", "x", "a"], ["a", "b"])).toEqual(["a"]);
  expect(several(undefined)).toBeUndefined();
  expect(text({})).toBeUndefined();
  expect([whole("60", 0, 99), whole(200, 0, 99), whole("x", 0, 99)]).toEqual([60, 99, undefined]);
});
