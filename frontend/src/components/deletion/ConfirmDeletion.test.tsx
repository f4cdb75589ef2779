import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";

import { Problem } from "@/client/problem";
import type { Deletion } from "@/client/types";

import { ConfirmDeletion } from "./ConfirmDeletion";

afterEach(cleanup);

function open(deletion: Partial<Deletion>, remove: () => Promise<unknown>, done = vi.fn()) {
  const whole: Deletion = { what: "facts", bytes: 2 ** 20, files: [], stops: [], dependants: [], possible: true, ...deletion };
  const asks = { queryKey: ["deletion"], queryFn: () => Promise.resolve(whole) };
  const dialog = () => <ConfirmDeletion title="Delete facts" asks={asks} remove={remove} close={vi.fn()} done={done} />;
  const router = createRouter({ routeTree: createRootRoute({ component: dialog }), history: createMemoryHistory() });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider env="test">
        {/* The page's own routes aren't needed to see where links lead. */}
        <RouterProvider router={router as never} />
      </MantineProvider>
    </QueryClientProvider>,
  );
}

it("says what goes and what stops before it deletes", async () => {
  const remove = vi.fn(() => Promise.resolve());
  const done = vi.fn();
  open({ stops: ["facts"], files: ["models/served/facts", "models/adapters/a.gguf"] }, remove, done);
  expect((await screen.findByText(/^Deletes/)).textContent).toBe("Deletes 1.00 MiB in 2 places. The served name facts stops.");
  expect(remove).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "Delete 1.00 MiB" }));
  expect(remove).toHaveBeenCalledOnce();
  expect(done).toHaveBeenCalledOnce();
});

it("can't be done while something is in its way, and leads there", async () => {
  const remove = vi.fn(() => Promise.resolve());
  open(
    {
      possible: false,
      dependants: [
        { kind: "artifact", name: "saves/facts/checkpoint-9", why: "saves/facts/checkpoint-9 was made from it", blocks: true },
        { kind: "artifact", name: "models/merged/facts", why: "models/merged/facts was made from it", blocks: true },
        { kind: "release", name: "facts/1", why: "facts stands for release 1", blocks: true },
        { kind: "run", name: "old", why: "old was trained on it", blocks: false },
      ],
    },
    remove,
  );
  const whole = await screen.findByRole("link", { name: "facts stands for release 1" });
  expect(whole.getAttribute("href")).toBe("/release/facts");
  expect(screen.getByRole("link", { name: "facts" }).getAttribute("href")).toBe("/models/models/merged/facts");
  // In the order in which they can go, named as people know them.
  const blocking = screen.getAllByRole("list")[0]?.querySelectorAll("li") ?? [];
  expect([...blocking].map((each) => each.textContent)).toEqual([
    "facts stands for release 1.",
    "merged model facts was made from it.",
    "checkpoint facts/checkpoint-9 was made from it.",
  ]);
  expect(screen.getByText(/These stay/)).toBeTruthy();
  const button = screen.getByRole<HTMLButtonElement>("button", { name: "Delete" });
  expect(button.disabled).toBe(true);
  await userEvent.click(button);
  expect(remove).not.toHaveBeenCalled();
});

it("shows the problem beside the button that caused it", async () => {
  const problem = new Problem({ title: "facts is in use", status: 409, remedy: "End it first." });
  open({}, () => Promise.reject(problem));
  await userEvent.click(await screen.findByRole("button", { name: "Delete 1.00 MiB" }));
  expect((await screen.findByRole("alert")).textContent).toContain("facts is in useEnd it first.");
});
