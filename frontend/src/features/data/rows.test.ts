import { describe, expect, it } from "vitest";

import { passagesOf, shapeOf, WINDOW, windowOf } from "./rows";

describe("a row", () => {
  it("of messages is a chat, with its system prompt first", () => {
    const row = {
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hi" },
        { role: "assistant", content: "Hello" },
      ],
    };
    expect(shapeOf(row)).toEqual({
      turns: [
        { name: "system", text: "Be brief." },
        { name: "user", text: "Hi" },
        { name: "assistant", text: "Hello" },
      ],
      fields: [],
      beside: [],
    });
  });

  it("of alpaca is its fields, without the empty ones, in the order in which they are read", () => {
    const row = { output: "4", input: "", instruction: "2 + 2", system: "Count.", meta: '{"id": 7}' };
    expect(shapeOf(row)).toEqual({
      turns: null,
      fields: [
        { name: "system", text: "Count." },
        { name: "instruction", text: "2 + 2" },
        { name: "output", text: "4" },
      ],
      beside: [{ name: "meta", text: '{"id": 7}' }],
    });
  });

  it("of prompt and completion is its fields", () => {
    expect(shapeOf({ prompt: "a", completion: "b", system: "" }).fields.map(({ name }) => name)).toEqual(["prompt", "completion"]);
  });

  it("of ShareGPT, as other tools register it, is a chat in our words", () => {
    const row = { conversations: [{ from: "human", value: "Hi" }, { from: "gpt", value: "Hello" }], system: "Be brief." };
    expect(shapeOf(row)).toMatchObject({
      turns: [{ name: "user" }, { name: "assistant" }],
      fields: [{ name: "system", text: "Be brief." }],
      beside: [],
    });
  });

  it("in no known shape is all that it holds", () => {
    expect(shapeOf({ text: "x", n: 3, list: [1] })).toEqual({
      turns: null,
      fields: [{ name: "text", text: "x" }, { name: "n", text: "3" }, { name: "list", text: "[\n 1\n]" }],
      beside: [],
    });
  });

  it.each([{ messages: [] }, { messages: [null] }, { messages: "x" }, { messages: [{ role: "user" }] }, {}])(
    "that is broken (%j) is shown as it is",
    (row) => {
      expect(shapeOf(row).turns).toBeNull();
    },
  );
});

describe("an answer's reasoning", () => {
  it("stands apart from what it says", () => {
    expect(passagesOf("<think>\n2 + 2 is 4\n</think>\nFour.")).toEqual([
      { kind: "thought", text: "2 + 2 is 4" },
      { kind: "said", text: "Four." },
    ]);
  });

  it("that never ends is text as any other", () => {
    expect(passagesOf("a <think> b")).toEqual([{ kind: "said", text: "a <think> b" }]);
  });
});

describe("a window of many rows", () => {
  it("holds the row that is looked at", () => {
    expect(windowOf(1, 50)).toEqual({ start: 0, count: 50 });
    expect(windowOf(WINDOW + 1, 3 * WINDOW)).toEqual({ start: WINDOW, count: WINDOW });
    expect(windowOf(10 * WINDOW, WINDOW + 7)).toEqual({ start: WINDOW, count: 7 });
    expect(windowOf(5, 0)).toEqual({ start: 0, count: 0 });
  });
});
