import { describe, expect, it } from "vitest";

import { changeBetween, meaning } from "./meaning";
import { cellWords, chatsOf, columnsOf, mendedWords, tally, type ComparedChat, type ParityReport } from "./report";
import { middleOf, rowsOf, visible } from "./tokens";

function chat(more: Partial<ComparedChat>): ComparedChat {
  return { name: "plain", equal: false, accepted: false, trainer_tokens: 10, served_tokens: 14, trainer_text: "", served_text: null, error: "", ...more };
}

const found = {
  index: 2,
  from_index: 1,
  trainer_ids: [5, 6],
  served_ids: [5, 7, 8],
  trainer_pieces: ["a b", "\n"],
  served_pieces: ["a b", null, "x"],
  trainer_text: "",
  served_text: "",
  same_text: false,
};

describe("what a comparison means", () => {
  it("says what the engine puts in", () => {
    const said = meaning(chat({ first_difference: found, trainer_text: "<s>Hello", served_text: "<s>You help.\nHello" }));
    expect(said).toContain("puts “You·help.⏎” in");
  });

  it("says what it leaves out", () => {
    expect(meaning(chat({ first_difference: found, trainer_text: "<s>Hello</s>", served_text: "<s>Hello" }))).toContain("leaves out “</s>”");
  });

  it("says what stands for what", () => {
    const said = meaning(chat({ first_difference: found, trainer_text: "<s>user: hi", served_text: "<s>USER: hi" }));
    expect(said).toBe("Where training had “user”, the engine has “USER”.");
  });

  it("goes by the tokens where an old report has no texts", () => {
    expect(meaning(chat({ first_difference: found }))).toContain("agree up to token 2");
    expect(meaning(chat({ first_difference: { ...found, index: 10 } }))).toContain("adds 4 more");
    expect(meaning(chat({ first_difference: { ...found, index: 7 }, served_tokens: 7 }))).toContain("training had 3 more");
  });

  it("tells the same text cut otherwise from other text, and what is accepted from what isn't", () => {
    expect(meaning(chat({ first_difference: { ...found, same_text: true } }))).toContain("cut it into tokens otherwise");
    expect(meaning(chat({ first_difference: { ...found, same_text: true }, accepted: true }))).toContain("accepted");
    expect(meaning(chat({ error: "no system role" }))).toBe("The engine refuses this chat: no system role");
    expect(meaning(chat({ equal: true, accepted: true }))).toContain("10 of them");
  });

  it("cuts no character apart, and messages where they end", () => {
    expect(changeBetween("a👩b", "a👨b")).toEqual({ removed: "👩", added: "👨" });
    expect(changeBetween("<s>user\nhi", "<s>system\n<e>\n<s>user\nhi")).toEqual({ removed: "", added: "<s>system\n<e>\n" });
    expect(changeBetween("<s>a<e>\n<s>b<e>\n", "<s>a<e>\n")).toEqual({ removed: "<s>b<e>\n", added: "" });
    expect(changeBetween("aa", "aaa")).toEqual({ removed: "", added: "a" });
  });
});

it("tokens know their place and where the difference begins", () => {
  const { trained, served } = rowsOf(found);
  expect(trained.map(({ text, place, off }) => [text, place, off])).toEqual([
    ["a·b", 1, false],
    ["⏎", 2, true],
  ]);
  expect(served.map((token) => token.text)).toEqual(["a·b", null, "x"]);
  expect(visible("")).toBe("∅");
});

it("the matrix has a column for each template of each engine, and each chat once", () => {
  const round = (template: string, names: string[]) => ({ template, chats: names.map((name) => chat({ name })), prompt_length_calls: [] });
  const report = (name: string, ...rounds: ReturnType<typeof round>[]) => ({ verdict: "mended", sentence: "", engine: { name }, rounds }) as ParityReport;
  const columns = columnsOf([report("llama.cpp", round("engine", ["a", "b"]), round("trained", ["a", "b"])), report("Ollama", round("chatml", ["b", "c"]))]);
  expect(columns.map(({ key, template, unused }) => [key, template, unused])).toEqual([
    ["0.1", "the training’s template", false],
    ["0.0", "the model file’s own template", true],
    ["1.0", "chatml", false],
  ]);
  expect(chatsOf(columns)).toEqual(["a", "b", "c"]);
  const blocked = { ...report("Ollama", round("llamafactory", ["a"]), round("trained", ["a"])), verdict: "blocked" as const };
  expect(columnsOf([blocked]).map(({ key, unused }) => [key, unused])).toEqual([
    ["0.0", false],
    ["0.1", false],
  ]);
});

describe("a mended report", () => {
  const round = (template: string, equal: number, all: number) => ({
    template,
    chats: Array.from({ length: all }, (_, index) => chat({ name: `chat-${index}`, accepted: index < equal })),
    prompt_length_calls: [],
  });

  it("says what it is served with first, then what the other template would have done", () => {
    expect(mendedWords({ rounds: [round("engine", 4, 17), round("trained", 17, 17)] })).toBe(
      "Served with the training’s template: 17 of 17 chats equal. The model file’s own template would have differed in 13.",
    );
  });

  it("names each of Ollama’s templates", () => {
    expect(mendedWords({ rounds: [round("llamafactory", 4, 17), round("trained", 0, 17), round("trained-without-bos", 17, 17)] })).toBe(
      "Served with the training’s template without its begin token: 17 of 17 chats equal. LLaMA-Factory’s own template would have differed in 13, the training’s template in 17.",
    );
  });

  it("may have failed for a real call alone", () => {
    expect(mendedWords({ rounds: [round("engine", 2, 2), round("trained", 2, 2)] })).toContain("own template would have differed in a real call.");
  });

  it("with one round says no more than it knows", () => {
    expect(mendedWords({ rounds: [round("trained", 2, 2)] })).toBe("What is served is what was trained, after a mend.");
  });
});

it("a token is brought into the middle of what is seen beside the head, and never before the beginning", () => {
  expect(middleOf(500, 40, 300, 60)).toBe(340);
  expect(middleOf(70, 40, 300, 60)).toBe(0);
});

it("a cell and a column say how many and where", () => {
  expect(cellWords(chat({ first_difference: found }))).toBe("differs at token 2");
  expect(cellWords(chat({ equal: true, accepted: true }))).toBe("equal");
  expect(tally({ template: "", chats: [chat({}), chat({ accepted: true })], prompt_length_calls: [] })).toBe("1 of 2 equal");
});
