import { expect, it } from "vitest";

import { webAddress } from "./address";

it("only addresses of the web become links", () => {
  expect(webAddress("http://127.0.0.1:6006/")).toBe("http://127.0.0.1:6006/");
  expect(webAddress("https://tensorboard.localhost:3443/")).toBe("https://tensorboard.localhost:3443/");
  for (const bad of ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "/relative", "", null, undefined]) {
    expect(webAddress(bad)).toBeNull();
  }
});
