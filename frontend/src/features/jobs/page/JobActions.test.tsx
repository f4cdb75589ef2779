import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { jobKeys } from "@/client/queries/jobs";
import type { Job } from "@/client/types";

import { JobActions } from "./JobActions";

afterEach(cleanup);

const job = (more: Partial<Job>): Job =>
  ({
    id: "job-1",
    kind: "release",
    title: "Release facts",
    lane: "accelerator",
    state: "running",
    created_at: "2026-01-01T00:00:00Z",
    cancel_requested_at: null,
    processes_left: [],
    holds: null,
    steps: [
      { name: "merge", state: "succeeded", attempt: 1, message: "" },
      { name: "convert", state: "running", attempt: 1, message: "" },
    ],
    ...more,
  });

// The client takes hold of `fetch` when it is imported.
const api = vi.hoisted(() => {
  const asked: string[] = [];
  const standIn = { asked, answer: () => Response.json({}) };
  globalThis.fetch = (request) => {
    const { method, url } = request as Request;
    asked.push(`${method} ${new URL(url).pathname}`);
    return Promise.resolve(standIn.answer());
  };
  return standIn;
});

beforeEach(() => {
  api.asked.length = 0;
});

function open(shown: Job) {
  const cache = new QueryClient();
  render(
    <QueryClientProvider client={cache}>
      <MantineProvider env="test">
        <JobActions job={shown} />
      </MantineProvider>
    </QueryClientProvider>,
  );
  return cache;
}

it("a cancel says what it loses, and asks first", async () => {
  api.answer = () => Response.json(job({ cancel_requested_at: "2026-01-01T00:01:00Z" }), { status: 202 });
  const cache = open(job({}));
  await userEvent.click(screen.getByRole("button", { name: "Cancel…" }));
  expect(await screen.findByText(/Ends the step “convert”.*What this step has done so far is lost/)).toBeTruthy();
  expect(api.asked).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Cancel the job" }));
  expect(api.asked).toEqual(["POST /api/jobs/job-1:cancel"]);
  await waitFor(() => expect(cache.getQueryData<Job>(jobKeys.one("job-1"))?.cancel_requested_at).toBeTruthy());
});

it("what a cancel is refused for stands beside its button", async () => {
  api.answer = () => Response.json({ title: "The job has ended already", status: 409, remedy: "" }, { status: 409 });
  open(job({}));
  await userEvent.click(screen.getByRole("button", { name: "Cancel…" }));
  await userEvent.click(await screen.findByRole("button", { name: "Cancel the job" }));
  expect((await screen.findByRole("alert")).textContent).toContain("The job has ended already");
});

it("a job that is being stopped can't be stopped again", () => {
  open(job({ cancel_requested_at: "2026-01-01T00:01:00Z" }));
  expect(screen.getByRole("button", { name: "Stopping …" })).toHaveProperty("disabled", true);
});

it("a failed job is retried from the step that failed", async () => {
  api.answer = () => Response.json(job({ state: "pending" }), { status: 202 });
  const steps = [
    { name: "merge", state: "succeeded" },
    { name: "convert", state: "failed" },
  ] as Job["steps"];
  open(job({ state: "failed", steps }));
  expect(screen.queryByRole("button", { name: "Cancel…" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Retry from convert" }));
  expect(api.asked).toEqual(["POST /api/jobs/job-1:retry"]);
});

it("a retry of what was refused isn't the main thing to do", () => {
  const look = (reason: "command" | "refused") => {
    open(job({ state: "failed", steps: [{ name: "parity", state: "failed", reason, attempt: 1, message: "" }] }));
    const found = screen.getByRole("button", { name: "Retry" }).dataset.variant;
    cleanup();
    return found;
  };
  expect([look("command"), look("refused")]).toEqual(["filled", "default"]);
});

it("a job that is done can only be looked at", () => {
  open(job({ state: "succeeded" }));
  expect(screen.queryAllByRole("button")).toEqual([]);
});
