import { expect, it } from "vitest";

import type { Deployment } from "@/client/types";

import { EMPTY } from "./conversation";
import { kindOf, modelsAt, type Models } from "./models";

const served = (name: string, more: Partial<Deployment> = {}) => ({ name, release: null, made_outside: false, base: name, ...more }) as Deployment;
const SERVED = [served("alpaca", { made_outside: true }), served("facts", { release: 2, base: "models/base/smol" }), served("smol")];

it("compares a release with its own base unless something else was chosen", () => {
  expect(modelsAt({}, EMPTY, {}, SERVED)).toEqual({ left: "smol", right: "facts" });
  expect(modelsAt({}, EMPTY, {}, [served("smol")])).toEqual({ left: "smol", right: undefined });
  expect(modelsAt({}, EMPTY, {}, [])).toEqual({ left: undefined, right: undefined });
});

it("keeps to the address before the chat, and to the chat before what was chosen", () => {
  const chat = { ...EMPTY, panes: [{ model: "a" }, { model: "b" }], turns: [{ prompt: "", answers: [{ pane: 1, text: "" }, { pane: 0, text: "" }] }] };
  expect(modelsAt({ left: "x" }, chat, { left: "smol" }, SERVED)).toEqual({ left: "x" });
  expect(modelsAt({ left: "x", chat: "c" } as Models, chat, {}, SERVED)).not.toHaveProperty("chat");
  expect(modelsAt({ right: "x" }, chat, {}, SERVED)).toEqual({ left: "x" });
  expect(modelsAt({}, chat, { left: "smol" }, SERVED)).toEqual({ left: "b", right: "a" });
  expect(modelsAt({}, EMPTY, { left: "smol", right: "gone" }, SERVED)).toEqual({ left: "smol", right: undefined });
});

it("says what a model is", () => {
  expect(SERVED.map(kindOf)).toEqual(["made outside", "tuned · release 2", "base"]);
});
