import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";

import { ParityView } from "./ParityView";
import type { ComparedChat, ParityReport } from "./report";

afterEach(cleanup);

const equal: ComparedChat = {
  name: "plain",
  equal: true,
  accepted: true,
  trainer_tokens: 4,
  served_tokens: 4,
  trainer_text: "<s>user\nhi",
  served_text: null,
  first_difference: null,
  error: "",
};

const other: ComparedChat = {
  ...equal,
  name: "empty-system",
  equal: false,
  accepted: false,
  served_tokens: 6,
  served_text: "<s>system\n<e>\n<s>user\nhi",
  first_difference: {
    index: 1,
    from_index: 0,
    trainer_ids: [1, 40],
    served_ids: [1, 96],
    trainer_pieces: ["<s>", "user"],
    served_pieces: ["<s>", "system"],
    trainer_text: "",
    served_text: "",
    same_text: false,
  },
};

const report: ParityReport = {
  verdict: "mended",
  sentence: "With the trained template all are equal.",
  engine: { name: "llama.cpp" },
  rounds: [
    { template: "engine", chats: [equal, other], prompt_length_calls: [] },
    {
      template: "trained",
      chats: [equal, { ...other, equal: true, accepted: true, first_difference: null }],
      prompt_length_calls: [{ name: "plain", expected_tokens: 4, prompt_tokens: 4, equal: true }],
    },
  ],
};

it("a cell opens both token rows at the first difference, with what it means", async () => {
  render(<ParityView reports={[report]} />);
  expect(
    screen.getByText("Served with the training’s template: 2 of 2 chats equal. The model file’s own template would have differed in 1."),
  ).toBeTruthy();
  const table = screen.getByRole("region", { name: /on each engine/ });
  expect(within(table).getAllByRole("columnheader").map((each) => each.textContent)).toEqual([
    "Chat",
    "llama.cppthe training’s template2 of 2 equal",
    "llama.cppthe model file’s own template1 of 2 equal, not used",
  ]);
  await userEvent.click(screen.getByRole("button", { name: "Empty system, llama.cpp, the model file’s own template: differs at token 1" }));
  expect(screen.getByText(/The engine puts “<s>system⏎<e>⏎” in/)).toBeTruthy();
  const [, trained, served] = within(screen.getByRole("region", { name: /around the first difference/ })).getAllByRole("row");
  expect(trained?.textContent).toBe("Trained<s>1user40");
  expect(served?.textContent).toBe("Served<s>1system96");
});

it("the open cell may be kept elsewhere, and closes when it is chosen again", async () => {
  const onCell = vi.fn();
  const { rerender } = render(<ParityView reports={[report]} onCell={onCell} cell={undefined} />);
  await userEvent.click(screen.getByRole("button", { name: /^Plain, llama.cpp, the training’s template/ }));
  expect(onCell).toHaveBeenLastCalledWith("0.1/plain");
  rerender(<ParityView reports={[report]} onCell={onCell} cell="0.1/plain" />);
  expect(screen.getByText(/Token for token the same: 4 of them/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: /^Plain, llama.cpp, the training’s template/ }));
  expect(onCell).toHaveBeenLastCalledWith(undefined);
  rerender(<ParityView reports={[report]} onCell={onCell} cell="9.9/nothing" />);
  expect(screen.getByText(/Choose a cell/)).toBeTruthy();
});

it("the first token that differs comes into sight", () => {
  const sizes = { offsetLeft: 900, offsetWidth: 60, clientWidth: 300 };
  for (const [name, value] of Object.entries(sizes)) {
    vi.spyOn(HTMLElement.prototype, name as keyof typeof sizes, "get").mockReturnValue(value);
  }
  render(<ParityView reports={[report]} cell="0.0/empty-system" onCell={() => undefined} />);
  expect(screen.getByRole("region", { name: /around the first difference/ }).scrollLeft).toBe(900 + 30 - (60 + 300) / 2);
});
