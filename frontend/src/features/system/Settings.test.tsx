import { serve } from "@/components/testing/server";

import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";

import { show } from "@/components/testing/show";

import { Settings } from "./Settings";

const setting = (name: string, value: string) => ({ name, value, source: "default", description: `What ${name} is for.` });
const report = { settings: [setting("TUNESMITH_PORT", "8765"), setting("TUNESMITH_HOST", "<b>127.0.0.1</b>")] };
const rows = () =>
  screen
    .getAllByRole("row")
    .slice(1)
    .map((row) => row.querySelector("code")?.textContent);

it("what is searched for stands in the address, and an address finds it", async () => {
  serve({ "GET /api/system": report });
  const { history } = show(<Settings />, "/system?q=port");
  await waitFor(() => expect(rows()).toEqual(["TUNESMITH_PORT"]));
  await userEvent.clear(screen.getByRole("searchbox"));
  await userEvent.type(screen.getByRole("searchbox"), "127");
  await waitFor(() => expect(rows()).toEqual(["TUNESMITH_HOST"]));
  expect(history.location.search).toContain("127");
  expect(screen.getByText("<b>127.0.0.1</b>")).toBeTruthy();
});
