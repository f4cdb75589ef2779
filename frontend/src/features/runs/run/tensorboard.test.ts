import { expect, it } from "vitest";

import { tensorboardPage } from "./tensorboard";

const service = { page: "http://tensorboard.localhost:8000/", state: "ready" } as const;

it("leads to the curves of this run alone, whatever its name has in it", () => {
  const page = tensorboardPage(service, "Custom/lora/a+b (1)");
  const [address, pattern] = page?.split("/#timeseries&regexInput=") ?? [];
  expect(address).toBe("http://tensorboard.localhost:8000");
  const found = new RegExp(decodeURIComponent(pattern ?? ""));
  expect(["Custom/lora/a+b (1)/tensorboard", "Custom/lora/a+b (1)", "Custom/lora/a+b (1)2", "x/Custom/lora/a+b (1)"].map((run) => found.test(run))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

it("leads nowhere without a page that runs, nor out of the web", () => {
  expect(tensorboardPage(undefined, "a")).toBeNull();
  expect(tensorboardPage({ ...service, state: "stopped" }, "a")).toBeNull();
  expect(tensorboardPage({ ...service, page: null }, "a")).toBeNull();
  expect(tensorboardPage({ ...service, page: "javascript:alert(1)" }, "a")).toBeNull();
});
