import { MantineProvider } from "@mantine/core";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";

import type { Step } from "@/client/types";

import { basisOf, seconds } from "./figures";
import { Plan, type Planned } from "./Plan";
import { stepTitle } from "./words";

const step = (more: Partial<Step>): Step => ({
  name: "merge",
  toolbox: "llamafactory",
  argv: ["llamafactory-cli", "export", "/home/a b/merge.yaml"],
  env: {},
  inputs: [],
  outputs: [],
  stop: "term",
  estimate: { basis: "" },
  ...more,
});

const show = (plan: Planned) => render(<Plan plan={plan} />, { wrapper: ({ children }) => <MantineProvider>{children}</MantineProvider> });

it("says what speaks against it, what it needs, and the command as a shell takes it", () => {
  show({
    steps: [step({ estimate: { disk_bytes: 2 ** 30, seconds: 65, basis: "the base's size" } })],
    estimate: { disk_bytes: 2 ** 30, basis: "sum of disk" },
    refusals: [{ reason: "The disk is too small", remedy: "Clean it." }],
    warnings: ["It is merged"],
  });
  const reasons = within(screen.getByRole("list", { name: /before it starts/ })).getAllByRole("listitem");
  expect(reasons.map((each) => each.textContent)).toEqual(["The disk is too smallClean it.", "It is merged"]);
  expect(screen.getByText("llamafactory-cli export '/home/a b/merge.yaml'")).toBeTruthy();
  expect(screen.getByText("1.00 GiB disk · about 65 s")).toBeTruthy();
  expect(screen.getByText("Memory").nextSibling?.textContent).toBe("–");
});

it("shows a long command in part until it is asked for", async () => {
  show({ steps: [step({ argv: ["a", "b".repeat(200)] })], estimate: { basis: "" } });
  const more = screen.getByRole("button", { name: /Show whole/ });
  expect(more.getAttribute("aria-expanded")).toBe("false");
  await userEvent.click(more);
  expect(screen.getByRole("button", { name: /Fold/ }).getAttribute("aria-expanded")).toBe("true");
});

it("says from when to when a time may be, and once what it rests on", () => {
  const estimate = { seconds: 180, seconds_low: 118, seconds_high: 301, seconds_basis: "as 3 earlier merges here took", basis: "the base's size" };
  expect(seconds(estimate)).toBe("2 to 5 min");
  expect(seconds({ ...estimate, seconds_low: 170, seconds_high: 190 })).toBe("about 3 min");
  expect(seconds({ basis: "", seconds: 180 })).toBe("about 3 min");
  expect(basisOf(estimate)).toBe("the base's size; time: as 3 earlier merges here took");
  expect(basisOf({ basis: "", seconds: 1 })).toBe("");
});

it("names steps that it doesn't know by their own words", () => {
  expect(stepTitle("export-mlx")).toBe("Export mlx");
  expect(stepTitle("install-llama-cpp")).toBe("Install llama.cpp");
});
