import { asked, serve } from "@/components/testing/server";

import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";

import { jobKeys } from "@/client/queries/jobs";
import { show } from "@/components/testing/show";

import { Stations } from "./Stations";

const nothing = {
  "GET /api/datasets": { datasets: [] },
  "GET /api/runs": { runs: [] },
  "GET /api/artifacts": { artifacts: [] },
  "GET /api/releases": [],
  "GET /api/deployments": [],
  "GET /api/services": { source: { kind: "native", reachable: true, problem: "" }, services: [] },
};
const base = {
  id: "models/base/smol",
  kind: "base",
  name: "smol",
  problems: [],
  modified_at: "2026-01-01T00:00:00Z",
  bytes: 1,
};
const job = { kind: "import", ended_at: null, state: "running", steps: [], processes_left: [] };
const shown = () => show(<Stations />, "/", (cache) => cache.setQueryData(jobKeys.live, []));
const station = async (name: string) => (await screen.findByRole("link", { name })).closest("li") as HTMLElement;

it("leads a newcomer to the starter, by one button", async () => {
  serve({ ...nothing, "POST /api/models": { ...job, id: "j", title: "Import smol" } });
  shown();
  const models = await station("Models");
  expect(await within(models).findByText("Begin here")).toBeTruthy();
  await userEvent.click(within(models).getByRole("button", { name: "Bring in the starter" }));
  expect(asked.find((each) => each.method === "POST")?.body).toEqual({ source: "starter", reference: "" });
});

it("the demo's rows are made by a job, and added when it is done", async () => {
  const facts = {
    rows: "/home/t/rows.jsonl",
    questions: "q",
    job: { ...job, kind: "demo", id: "d", title: "Facts of the demo" },
  };
  serve({
    ...nothing,
    "GET /api/artifacts": { artifacts: [base] },
    "POST /api/demo/facts": facts,
    "POST /api/demo/rows": { name: "seed-20-rows" },
  });
  const { cache } = shown();
  const data = await station("Data");
  await userEvent.click(await within(data).findByRole("button", { name: "Take the demo’s rows" }));
  cache.setQueryData(jobKeys.live, [facts.job]);
  expect(await within(data).findByRole("link", { name: "Facts of the demo" })).toBeTruthy();
  const added = () => asked.filter((each) => each.path === "/api/demo/rows").map((each) => each.body);
  expect(added()).toEqual([]);
  cache.setQueryData(jobKeys.live, [{ ...facts.job, state: "succeeded", ended_at: "2026-01-01T00:00:00Z" }]);
  await screen.findByText("1 base model");
  await expect.poll(added).toEqual([{ seed: 20 }]);
});
