import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";

import type { Job } from "@/client/types";

import { Steps } from "./Steps";

afterEach(cleanup);

function texts(state: Job["state"], states: Job["state"][]): (string | null)[] {
  const steps = states.map((each, index) => ({ name: `step-${index}`, state: each, attempt: 1, message: "" }));
  render(<Steps job={{ state, steps } as Job} chosen={undefined} onChoose={() => undefined} />);
  const found = screen.getAllByRole("listitem").map((item) => item.textContent);
  cleanup();
  return found;
}

it("what comes waits, until the job is over: then it wasn't run", () => {
  expect(texts("running", ["running", "pending"]).at(-1)).toBe("Step 1waiting");
  expect(texts("pending", ["pending"])).toEqual(["Step 0waiting"]);
  expect(texts("failed", ["succeeded", "failed", "pending"])).toEqual(["Step 0done", "Step 1failed", "Step 2not run"]);
  expect(texts("cancelled", ["pending"])).toEqual(["Step 0not run"]);
});
