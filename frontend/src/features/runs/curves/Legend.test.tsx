import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";

import { Legend } from "./Legend";
import { lookOf } from "./look";
import type { Plot } from "./plot";

afterEach(cleanup);

const plot: Plot = {
  axis: "step",
  log: false,
  curves: [
    { id: "a", name: "a", look: lookOf(0), series: { x: [10, 20, 30], y: [3, 2, 1] } },
    { id: "b", name: "b", look: lookOf(1), series: { x: [15, 25], y: [6, 5] }, raw: { x: [15, 25], y: [7, 4] } },
  ],
};

const entries = [
  { id: "a", name: "a", look: lookOf(0) },
  { id: "b", name: "b", look: lookOf(1) },
  { id: "c", name: "c", look: lookOf(2), note: "none" },
];

function show(cursor: number | null) {
  const told = { onFocus: vi.fn(), onRemove: vi.fn() };
  render(<Legend entries={entries} plot={plot} cursor={cursor} focus={null} {...told} />, { wrapper: MantineProvider });
  return { ...told, words: screen.getAllByRole("listitem").map((item) => item.textContent) };
}

it("tells each curve's value nearest to the cursor, raw beside smoothed, and why there is none", () => {
  expect(show(17).words).toEqual(["a2", "b6 (7)", "cnone"]);
  expect(screen.getByText("At step 17")).toBeTruthy();
});

it("tells the last values while nothing is pointed at", () => {
  expect(show(null).words).toEqual(["a1", "b5 (4)", "cnone"]);
});

it("lights the curve whose entry is pointed at, and takes one out", async () => {
  const { onFocus, onRemove } = show(null);
  await userEvent.hover(screen.getByText("b"));
  expect(onFocus).toHaveBeenLastCalledWith("b");
  await userEvent.click(screen.getByRole("button", { name: "Take a out" }));
  expect(onRemove).toHaveBeenCalledWith("a");
});
