import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { useTyped } from "./useTyped";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a text that stands in the address", () => {
  it("is told once, when typing has paused", () => {
    const tell = vi.fn();
    const { result } = renderHook(({ told }) => useTyped(told, tell), { initialProps: { told: "" } });
    for (const text of ["f", "fa", "fac"]) act(() => result.current[1](text));
    expect(result.current[0]).toBe("fac");
    expect(tell).not.toHaveBeenCalled();
    act(() => void vi.advanceTimersByTime(200));
    expect(tell.mock.calls).toEqual([["fac"]]);
  });

  it("isn't taken back by the address that follows it", () => {
    const { result, rerender } = renderHook(({ told }) => useTyped(told, () => undefined), { initialProps: { told: "" } });
    act(() => result.current[1]("fa"));
    act(() => void vi.advanceTimersByTime(200));
    act(() => result.current[1]("fac"));
    rerender({ told: "fa" });
    expect(result.current[0]).toBe("fac");
  });

  it("becomes what the back button says", () => {
    const { result, rerender } = renderHook(({ told }) => useTyped(told, () => undefined), { initialProps: { told: "fac" } });
    act(() => result.current[1]("facts"));
    rerender({ told: "" });
    expect(result.current[0]).toBe("");
    act(() => void vi.advanceTimersByTime(200));
    expect(result.current[0]).toBe("");
  });
});
