import { expect, it } from "vitest";

import { found, type Setting } from "./settings";

const setting = (name: string, description: string, source: Setting["source"] = "default", value = ""): Setting => ({
  name,
  description,
  source,
  value,
});
const all = [
  setting("TUNESMITH_HOST", "Address the orchestrator listens on."),
  setting("TUNESMITH_PORT", "Port the orchestrator listens on.", "environment", "8782"),
  setting("TUNESMITH_OLLAMA", "Where Ollama's API answers.", ".env", "http://10.0.0.2:11434"),
];
const names = (q: string) => found(all, q).map((each) => each.name.replace("TUNESMITH_", ""));

it("what somebody set comes first, in its order", () => {
  expect(names("")).toEqual(["PORT", "OLLAMA", "HOST"]);
});

it("every word has to be somewhere: in name, value, source or what it is for", () => {
  expect(names("listens orchestrator")).toEqual(["PORT", "HOST"]);
  expect(names("11434")).toEqual(["OLLAMA"]);
  expect(names(".ENV")).toEqual(["OLLAMA"]);
  expect(names("nothing like it")).toEqual([]);
});
