import { serve } from "./testing/server";

import { screen } from "@testing-library/react";
import { expect, it } from "vitest";

import { NextStep } from "./NextStep";
import { show } from "./testing/show";

const base = { id: "models/base/smol", kind: "base", name: "smol", problems: [], modified_at: "2026-01-01T00:00:00Z", bytes: 1 };
const adapter = { ...base, id: "saves/facts", kind: "adapter", name: "facts" };
const rows = { name: "facts", rows: 3, problems: [] };

it.each([
  { there: "nothing", artifacts: [], datasets: [], to: "release", says: "Bring in a base", leads: "/models?add=starter" },
  { there: "a base", artifacts: [base], datasets: [], to: "release", says: "Add rows", leads: "/data?add=file" },
  { there: "a base and rows", artifacts: [base], datasets: [rows], to: "release", says: "Train one", leads: "/train" },
  { there: "an adapter alone", artifacts: [adapter], datasets: [], to: "release", says: "Release an adapter", leads: "/release" },
  { there: "a base, towards a training", artifacts: [base], datasets: [], to: "train", says: "Add rows", leads: "/data?add=file" },
  { there: "all for a training", artifacts: [base, adapter], datasets: [rows], to: "train", says: "Train", leads: "/train" },
] as const)("with $there it is “$says”", async ({ artifacts, datasets, to, says, leads }) => {
  serve({ "GET /api/artifacts": { artifacts }, "GET /api/datasets": { datasets } });
  show(<NextStep to={to} />, "/");
  expect((await screen.findByRole("link", { name: says })).getAttribute("href")).toBe(leads);
});
