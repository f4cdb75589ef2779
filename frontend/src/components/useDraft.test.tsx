import { act, renderHook } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";

import { useDraft } from "./useDraft";

const INITIAL = { name: "", rank: 8 };
const parse = (stored: Record<string, unknown>) => ({ ...INITIAL, name: typeof stored.name === "string" ? stored.name : "" });

beforeEach(() => {
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json([])));
  return () => vi.unstubAllGlobals();
});

it("changes fields one after the other without losing the first, and begins anew", async () => {
  const { result } = renderHook(() => useDraft("hook", INITIAL, parse));
  await act(() => Promise.resolve());
  expect(result.current.value).toEqual(INITIAL);
  act(() => {
    result.current.set({ name: "facts" });
    result.current.set((before) => ({ ...before, name: `${before.name}-2` }));
  });
  expect(result.current.value).toEqual({ name: "facts-2", rank: 8 });
  expect(result.current.kept).toBe(true);
  act(() => result.current.reset());
  expect(result.current.value).toEqual(INITIAL);
});

it("is the same for two parts of a page", async () => {
  const first = renderHook(() => useDraft("shared", INITIAL, parse));
  const second = renderHook(() => useDraft("shared", INITIAL, parse));
  await act(() => Promise.resolve());
  act(() => first.result.current.set({ name: "facts" }));
  expect(second.result.current.value.name).toBe("facts");
});
