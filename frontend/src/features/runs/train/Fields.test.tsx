import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";

import type { TrainingSetting } from "@/client/types";

import { Fields, type Stock } from "./Fields";
import type { Values } from "./form";

afterEach(cleanup);

beforeAll(() => {
  // Mantine's lists scroll to what is chosen.
  Element.prototype.scrollIntoView = () => undefined;
});

const setting = (name: string, control: TrainingSetting["control"], value: unknown = null, choices: string[] = []): TrainingSetting => ({
  name,
  control,
  description: `About ${name}.`,
  required: false,
  choices,
  default: value,
});

const stock: Stock = {
  settings: [
    setting("name", "text"),
    setting("finetuning", "choice", "lora", ["lora", "full"]),
    setting("template", "text"),
    setting("rank", "whole", 16),
    setting("epochs", "number", 3),
    setting("max_steps", "whole"),
    setting("weight_decay", "number", 0),
  ],
  templates: ["chatml", "smollm2"],
  bases: [],
  datasets: [],
  taken: new Set(["facts"]),
};

function show(values: Values, wrong: Record<string, string> = {}) {
  const told = vi.fn();
  function Form() {
    const [now, setNow] = useState(values);
    const change = (name: string, value: Values[string]) => {
      told(name, value);
      setNow((before) => ({ ...before, [name]: value }));
    };
    return <Fields stock={stock} values={now} change={change} wrong={wrong} made={{ name: "made-up" }} />;
  }
  render(<Form />, { wrapper: ({ children }) => <MantineProvider env="test">{children}</MantineProvider> });
  return told;
}

const input = (name: RegExp) => screen.getByRole<HTMLInputElement>("textbox", { name });

it("shows defaults, and tells what is typed as it was typed", async () => {
  const told = show({});
  expect(input(/Rank/).value).toBe("16");
  await userEvent.clear(input(/Rank/));
  await userEvent.type(input(/Rank/), "8x");
  expect(told).toHaveBeenLastCalledWith("rank", "8x");
});

it("says beside the field what is wrong with it", () => {
  show({ rank: "many" }, { rank: "Expected a whole number." });
  expect(input(/Rank/).getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByText("Expected a whole number.")).toBeTruthy();
});

it("opens the other settings when one of them is wrong", () => {
  show({}, { weight_decay: "Expected a number." });
  expect(folded().open).toBe(true);
});

it("keeps the other settings folded while all are at their defaults", () => {
  show({});
  expect(folded().open).toBe(false);
});

function folded(): HTMLDetailsElement {
  const found = document.querySelector("details");
  if (!found) throw new Error("nothing is folded");
  return found;
}

it("disables what another setting takes its meaning from", () => {
  show({ finetuning: "full", max_steps: "20" });
  expect([input(/Rank/).disabled, input(/Epochs/).disabled, input(/^Steps/).disabled]).toEqual([true, true, false]);
});

it("offers a free name where one is taken", async () => {
  const told = show({ name: "facts" });
  await userEvent.click(screen.getByRole("button", { name: "Call it facts-2" }));
  expect(told).toHaveBeenCalledWith("name", "facts-2");
  expect(screen.queryByText(/There is a run of this name/)).toBeNull();
});

it("says what a name may be made of", () => {
  show({ name: "Facts!" });
  expect(screen.getByText(/lower-case letters/)).toBeTruthy();
});

it("keeps a choice that is chosen again", async () => {
  const told = show({ template: "chatml" });
  await userEvent.click(screen.getByRole("combobox", { name: /template/i }));
  await userEvent.click(screen.getByRole("option", { name: "chatml" }));
  expect(told).not.toHaveBeenCalledWith("template", "");
  expect(screen.getByRole<HTMLInputElement>("combobox", { name: /template/i }).value).toBe("chatml");
});
