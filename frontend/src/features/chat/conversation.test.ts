import { describe, expect, it } from "vitest";

import type { Chat } from "@/client/types";

import { EMPTY, fromStored, isSwapped, lastModels, messagesOf, newId, preferred, score, titleOf, toStored, withPane, type Turn } from "./conversation";

const turn = (prompt: string, ...answers: string[]): Turn => ({ prompt, answers: answers.map((text, pane) => ({ pane, text })) });

describe("what a model is asked", () => {
  it("is its own column's conversation", () => {
    const turns = [turn("1", "left 1", "right 1"), turn("2", "left 2", "right 2")];
    expect(messagesOf("Be brief.", turns, 1, "3").map((each) => `${each.role}: ${each.content}`)).toEqual([
      "system: Be brief.",
      "user: 1",
      "assistant: right 1",
      "user: 2",
      "assistant: right 2",
      "user: 3",
    ]);
  });

  it("leaves out what it didn't answer, and a system prompt of spaces", () => {
    const turns = [turn("1", "left 1"), turn("2", "", "right 2")];
    expect(messagesOf(" ", turns, 1, "3").map((each) => each.content)).toEqual(["2", "right 2", "3"]);
    expect(messagesOf("", turns, 0, "3").map((each) => each.content)).toEqual(["1", "left 1", "3"]);
  });
});

it("knows a model that took part before, and another release as another one", () => {
  const first = withPane([], { model: "facts", release: 1 });
  expect(withPane(first?.panes ?? [], { model: "facts", release: 1 })?.place).toBe(0);
  expect(withPane(first?.panes ?? [], { model: "facts", release: 2 })?.place).toBe(1);
  const full = Array.from({ length: 8 }, (_, index) => ({ model: `m${index}` }));
  expect(withPane(full, { model: "one more" })).toBeNull();
});

it("is called by its first line, without cutting a letter in two", () => {
  expect(titleOf("\n  Who is it?\nPlease.")).toBe("Who is it?");
  expect(titleOf(" \n ")).toBe("Chat");
  const long = titleOf("😀".repeat(100));
  expect(Array.from(long)).toHaveLength(80);
  expect(long.endsWith("😀…")).toBe(true);
});

it("is kept and opened again as it was", () => {
  const conversation = { ...EMPTY, title: "t", panes: [{ model: "a" }, { model: "b" }], turns: [turn("1", "x", "y")], system: " " };
  const stored = toStored(conversation);
  expect(stored.system).toBeNull();
  const opened = fromStored({ ...stored, id: "x", created_at: "", updated_at: "" } satisfies Chat);
  expect(opened).toEqual({ ...conversation, system: "" });
  expect(lastModels(opened)).toEqual(["a", "b"]);
});

it("counts which model was preferred", () => {
  const turns = [turn("1", "x", "y"), turn("2", "x", "y"), turn("3", "x", "y")].map((each, index) => ({
    ...each,
    answers: preferred(each.answers, index === 2 ? null : index === 0 ? 1 : 1),
  }));
  expect(score({ ...EMPTY, panes: [{ model: "a" }, { model: "b" }], turns })).toEqual([
    { model: "a", up: 0, down: 3 },
    { model: "b", up: 2, down: 1 },
  ]);
});

it("hides the order fairly, and the same way after a reload", () => {
  const orders = Array.from({ length: 400 }, (_, place) => isSwapped("chat0001", place));
  const swapped = orders.filter(Boolean).length;
  expect(swapped).toBeGreaterThan(140);
  expect(swapped).toBeLessThan(260);
  expect(isSwapped("chat0001", 7)).toBe(isSwapped("chat0001", 7));
});

it("makes names that the API takes", () => {
  expect(newId()).toMatch(/^[a-z0-9]{8,40}$/);
  expect(newId()).not.toBe(newId());
});
