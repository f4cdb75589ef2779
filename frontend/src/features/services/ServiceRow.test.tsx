import { asked, problem, serve } from "@/components/testing/server";

import { Table } from "@mantine/core";
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";

import { jobKeys } from "@/client/queries/jobs";
import type { Service } from "@/client/types";
import { show } from "@/components/testing/show";

import { ServiceRow } from "./ServiceRow";

const service = {
  name: "llamafactory",
  title: "LLaMA-Factory",
  purpose: "trains adapters",
  state: "ready",
  detail: "",
  restarts: 0,
  version: "0.9.5",
  page: "http://llamafactory.localhost:3000/",
  api: null,
  tool: true,
  log: true,
} as Service;
const train = {
  id: "260101-101010-train-abcde",
  title: "Train <b>facts</b>",
  kind: "train",
  state: "running",
  ended_at: null,
  steps: [],
};
const history = { ...service, history: { every_seconds: 5, cpu_percent: [], memory_bytes: [] } };

function row(more: Partial<Service> = {}, onLog = vi.fn()) {
  show(
    <Table>
      <Table.Tbody>
        <ServiceRow service={{ ...service, ...more }} withGpu={false} open={false} onLog={onLog} />
      </Table.Tbody>
    </Table>,
    "/services",
    (cache) => cache.setQueryData(jobKeys.live, [train]),
  );
  return onLog;
}

async function stop() {
  await userEvent.click(await screen.findByRole("button", { name: "Restart or stop LLaMA-Factory" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Stop" }));
}

it("names the job that stopping would break, and stops only when that is wanted", async () => {
  const refusal = problem(409, "LLaMA-Factory is at work", {
    detail: `A job runs in it: Train (${train.id}).`,
    remedy: "Wait, or ask with force=true: the job will fail.",
  });
  serve({
    "GET /api/services/llamafactory": history,
    "POST /api/services/llamafactory:stop": ({ query }) =>
      query.get("force") === "true" ? { ...service, state: "stopped" } : refusal,
  });
  row();
  await stop();
  expect((await screen.findByRole("link", { name: "Train <b>facts</b>" })).getAttribute("href")).toBe(`/jobs/${train.id}`);
  await userEvent.click(screen.getByRole("button", { name: "Stop anyway" }));
  await waitFor(() =>
    expect(asked.filter((each) => each.method === "POST").map((each) => each.query.get("force"))).toEqual(["false", "true"]),
  );
});

it("says what was started in its own page, too", async () => {
  const refusal = problem(409, "LLaMA-Factory is at work", {
    detail: "LlamaBoard trains saves/x.",
    remedy: "Wait, or ask with force=true.",
  });
  serve({ "GET /api/services/llamafactory": history, "POST /api/services/llamafactory:stop": refusal });
  row();
  await stop();
  expect(await screen.findByText(/LlamaBoard trains saves\/x\. It breaks off/)).toBeTruthy();
  expect(screen.getByRole("button", { name: "Stop anyway" })).toBeTruthy();
});

it("offers no force where it wouldn't help", async () => {
  serve({
    "GET /api/services/llamafactory": history,
    "POST /api/services/llamafactory:stop": problem(503, "The engine is away"),
  });
  row();
  await stop();
  expect((await screen.findByRole("alert")).textContent).toContain("The engine is away");
  expect(screen.queryByRole("button", { name: "Stop anyway" })).toBeNull();
});

it("leads only to pages of the web, and shows its log", async () => {
  serve({ "GET /api/services/llamafactory": history });
  const onLog = row({ page: "javascript:alert(1)" });
  await userEvent.click(await screen.findByRole("button", { name: "Log of LLaMA-Factory" }));
  expect(onLog).toHaveBeenCalledWith("llamafactory");
  expect(screen.queryByRole("link", { name: /Open/ })).toBeNull();
});

it("an absent service says how to get it, and offers nothing else", async () => {
  serve({});
  row({ state: "absent", detail: "`docker compose up -d llamafactory` makes it.", page: null, log: false });
  expect((await screen.findByText("docker compose up -d llamafactory")).tagName).toBe("CODE");
  expect(screen.queryAllByRole("button")).toEqual([]);
  expect(asked).toEqual([]);
});
