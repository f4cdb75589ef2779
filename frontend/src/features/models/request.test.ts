import { describe, expect, it } from "vitest";

import { againstReference, formFrom, nameFor, NEW, requestOf } from "./request";

describe("what is asked for when a base is brought in", () => {
  it("is the starter with nothing typed", () => {
    expect(requestOf("starter", NEW)).toEqual({ source: "starter", reference: "", name: null });
  });

  it("takes the address of a model's page for its name", () => {
    const form = { ...NEW, hub: " https://hub.example/Qwen/Qwen3-0.6B/tree/v1 " };
    expect(requestOf("hub", form)).toEqual({ source: "hub", reference: "Qwen/Qwen3-0.6B@v1", name: null });
    expect(nameFor("hub", form)).toBe("qwen3-0.6b");
  });

  it.each(["Qwen", "a/b/c", "../b", "a/b@", "a b/c"])("isn't asked for as %s", (hub) => {
    expect(againstReference("hub", { ...NEW, hub })).not.toBeNull();
    expect(requestOf("hub", { ...NEW, hub })).toBeNull();
  });

  it("needs a folder's whole path", () => {
    expect(requestOf("folder", { ...NEW, folder: "models/x" })).toBeNull();
    expect(requestOf("folder", { ...NEW, folder: "/m/My Model/", name: "mine" })).toEqual({
      source: "folder",
      reference: "/m/My Model/",
      name: "mine",
    });
    expect(nameFor("folder", { ...NEW, folder: "/m/My Model/" })).toBe("my-model");
  });

  it("isn't asked for under a name that can't be used, or without a reference", () => {
    expect(requestOf("starter", { ...NEW, name: "My Model" })).toBeNull();
    expect(requestOf("hub", NEW)).toBeNull();
  });

  it("survives whatever was kept", () => {
    expect(formFrom({ hub: 3, name: "x", other: [] })).toEqual({ hub: "", folder: "", name: "x" });
  });
});
