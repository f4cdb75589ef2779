import { describe, expect, it } from "vitest";

import { against, FIELDS, ownOf, parametersOf, summary, typedOf, unheard, valueOf, type Name } from "./settings";

const field = (name: Name) => FIELDS.find((each) => each.name === name) ?? FIELDS[0]!; // eslint-disable-line @typescript-eslint/no-non-null-assertion -- there are fields

describe("a setting", () => {
  it("is left to the engine while it is empty", () => {
    expect(valueOf(field("temperature"), undefined)).toBeNull();
    expect(valueOf(field("temperature"), " ")).toBeNull();
  });

  it("is a number with a comma or a point, within its bounds", () => {
    expect(valueOf(field("temperature"), "0,7")).toBe(0.7);
    expect(valueOf(field("top_p"), "1.5")).toBeUndefined();
    expect(valueOf(field("seed"), "1.5")).toBeUndefined();
    expect(valueOf(field("max_tokens"), "many")).toBeUndefined();
    expect(against(field("top_p"), "2")).toBe("A number from 0 to 1.");
    expect(against(field("top_p"), "1")).toBeNull();
  });
});

it("sends what can be, and nothing for the rest", () => {
  expect(parametersOf({ temperature: "0", seed: "x" })).toEqual({
    temperature: 0,
    top_p: null,
    min_p: null,
    repeat_penalty: null,
    max_tokens: null,
    seed: null,
  });
});

it("comes back as it was typed", () => {
  expect(parametersOf(typedOf({ temperature: 0.2, seed: 0 }))).toMatchObject({ temperature: 0.2, seed: 0 });
  expect(typedOf({ temperature: null })).toEqual({});
});

it("says what is set, and what Ollama doesn't hear", () => {
  expect(summary({ temperature: "0", min_p: "0.1", top_p: "9" })).toBe("temperature 0 · min-p 0.1");
  expect(unheard({ temperature: "0", min_p: "0.1" })).toEqual(["min-p"]);
});

describe("what an empty field stands for", () => {
  const llama = { temperature: 0.8, top_p: 0.95, min_p: 0.05, repeat_penalty: 1 };
  const ollama = { temperature: 1, top_p: 1, min_p: null, repeat_penalty: null };

  it("is the engine’s number, of two engines both where they differ", () => {
    expect(ownOf("temperature", [llama])).toBe("0.8");
    expect(ownOf("temperature", [llama, llama])).toBe("0.8");
    expect(ownOf("temperature", [llama, ollama])).toBe("0.8 / 1");
  });

  it("is said in words where nobody knows the number", () => {
    expect(ownOf("min_p", [llama, ollama])).toBe("0.05 / the engine’s own");
    expect(ownOf("temperature", [undefined, undefined])).toBe("the engine’s own");
    expect(ownOf("temperature", [])).toBe("the engine’s own");
    expect(ownOf("seed", [llama])).toBe("the engine’s own");
  });
});
