// @vitest-environment happy-dom
import { asked, problem, serve } from "@/components/testing/server";

import { QueryClient } from "@tanstack/react-query";
import { expect, it } from "vitest";

import { jobKeys } from "@/client/queries/jobs";
import { servicesQuery } from "@/client/queries/lists";
import { askForHome } from "./questions";

const job = (id: string) => ({ id, state: "running" });
const answers = {
  "GET /api/jobs": [job("asked")],
  "GET /api/services": { source: {}, services: [] },
  "GET /api/system/load": { now: null, history: {} },
};

it("asks once for all that Home can't be drawn without; what fails doesn't break the rest", async () => {
  serve({ ...answers, "GET /api/runs": problem(500, "No") });
  const cache = new QueryClient();
  askForHome(cache);
  await expect.poll(() => cache.getQueryData(jobKeys.live)).toEqual([job("asked")]);
  await expect.poll(() => cache.getQueryData(servicesQuery.queryKey)).toBeTruthy();
  await expect.poll(() => cache.getQueryState(["runs"])?.status).toBe("error");
  const lists = ["artifacts", "datasets", "deployments", "jobs", "releases", "runs", "services", "system/load"];
  expect(asked.map(({ path }) => path.replace("/api/", "")).sort()).toEqual(lists);
});

it("the stream knows the jobs better than any answer", async () => {
  serve(answers);
  const cache = new QueryClient();
  askForHome(cache);
  cache.setQueryData(jobKeys.live, [job("told")]);
  await expect.poll(() => cache.getQueryData(servicesQuery.queryKey)).toBeTruthy();
  expect(cache.getQueryData(jobKeys.live)).toEqual([job("told")]);
  serve(answers);
  askForHome(cache);
  await expect.poll(() => asked.length).toBeGreaterThan(0);
  expect(asked.map(({ path }) => path)).not.toContain("/api/jobs");
});
