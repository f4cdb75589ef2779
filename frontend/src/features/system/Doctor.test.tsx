import { asked, problem, serve } from "@/components/testing/server";

import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";

import { jobKeys } from "@/client/queries/jobs";
import { show } from "@/components/testing/show";

import { Doctor } from "./Doctor";

const action = { method: "POST", path: "/api/toolboxes/tensorboard:install?rebuild=true", label: "Install" };
const findings = [
  {
    id: "toolbox",
    level: "warn",
    title: "TensorBoard isn't installed",
    detail: "",
    remedy: "Run `tunesmith toolbox install`.",
    action,
  },
  { id: "python", level: "ok", title: "Python 3.11.7", detail: "", remedy: "" },
];
const job = {
  id: "some-job",
  title: "Install tensorboard",
  kind: "toolbox",
  state: "running",
  ended_at: null,
  steps: [],
  processes_left: [],
};

it("carries a remedy out, and leads to the job that does it", async () => {
  serve({ "GET /api/system/doctor": { level: "warn", findings }, "POST /api/toolboxes/tensorboard:install": job });
  show(<Doctor />);
  await userEvent.click(await screen.findByRole("button", { name: "Install" }));
  const link = await screen.findByRole("link", { name: "Install tensorboard" });
  expect(link.getAttribute("href")).toBe("/jobs/some-job");
  const call = asked.find((each) => each.method === "POST");
  expect([call?.path, call?.query.get("rebuild")]).toEqual(["/api/toolboxes/tensorboard:install", "true"]);
  expect(screen.queryByRole("button", { name: "Install" })).toBeNull();
});

it("shows a job that was started elsewhere instead of offering it again", async () => {
  serve({ "GET /api/system/doctor": { level: "warn", findings } });
  show(<Doctor />, "/", (cache) => cache.setQueryData(jobKeys.live, [job]));
  expect(await screen.findByRole("link", { name: "Install tensorboard" })).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Install" })).toBeNull();
});

it("says beside the button why it couldn't be done", async () => {
  const refusal = problem(507, "The disk is too small for this toolbox", { remedy: "Free some space." });
  serve({ "GET /api/system/doctor": { level: "warn", findings }, "POST /api/toolboxes/tensorboard:install": refusal });
  show(<Doctor />);
  await userEvent.click(await screen.findByRole("button", { name: "Install" }));
  expect((await screen.findByRole("alert")).textContent).toContain("The disk is too small for this toolboxFree some space.");
});

it("calls nothing but our own API, whatever a finding proposes", async () => {
  const evil = [{ ...findings[0], action: { ...action, path: "https://elsewhere/api/" } }];
  serve({ "GET /api/system/doctor": { level: "warn", findings: evil } });
  show(<Doctor />);
  await userEvent.click(await screen.findByRole("button", { name: "Install" }));
  expect((await screen.findByRole("alert")).textContent).toContain("This page can't do that");
  expect(asked.every((each) => each.method === "GET")).toBe(true);
});

it("what is fine is one line that opens", async () => {
  serve({ "GET /api/system/doctor": { level: "warn", findings } });
  show(<Doctor />);
  const opener = await screen.findByRole("button", { name: "1 other check found nothing" });
  expect(opener.getAttribute("aria-expanded")).toBe("false");
  await userEvent.click(opener);
  expect(
    within(document.getElementById(opener.getAttribute("aria-controls") ?? "") as HTMLElement).getByText("Python 3.11.7"),
  ).toBeTruthy();
});
