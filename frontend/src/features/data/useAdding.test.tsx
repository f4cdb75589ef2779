import { act, renderHook, waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";

import { Problem } from "@/client/problem";
import type { Sending } from "@/client/queries/datasets";

import type { Look } from "./look";
import { useAdding, type Source } from "./useAdding";

const look = { rows: 3, name: "rows" } as Look;

/** A source whose answers come when the test says so. */
function slow() {
  const sendings: (Sending & { end: (value: never) => void; fail: (error: unknown) => void })[] = [];
  const wait = (sending: Sending) =>
    new Promise<never>((resolve, reject) => {
      sendings.push({ ...sending, end: resolve, fail: reject });
    });
  const source: Source<string> = { look: (_, sending) => wait(sending), add: vi.fn((_file, _given, sending: Sending) => wait(sending)) };
  return { source, sendings };
}

describe("adding a file", () => {
  it("looks at it, tells how far it is, and adds it under the name", async () => {
    const { source, sendings } = slow();
    const { result } = renderHook(() => useAdding(source));
    act(() => result.current.choose("rows.jsonl"));
    act(() => sendings[0]?.sent(0.5));
    expect(result.current).toMatchObject({ sending: true, state: { at: "looking", sent: 0.5 } });
    act(() => sendings[0]?.end(look as never));
    await waitFor(() => expect(result.current.state.at).toBe("looked"));
    act(() => result.current.add({ name: "mine", skipBad: true }));
    expect(source.add).toHaveBeenCalledWith("rows.jsonl", { name: "mine", skipBad: true }, expect.anything());
    act(() => sendings[1]?.end("mine" as never));
    await waitFor(() => expect(result.current.state).toMatchObject({ at: "added", name: "mine" }));
  });

  it("breaks the sending off when it is stopped, when another file is chosen, and when the form closes", () => {
    const { source, sendings } = slow();
    const { result, unmount } = renderHook(() => useAdding(source));
    act(() => result.current.choose("a"));
    act(() => result.current.stop());
    expect(sendings[0]?.signal.aborted).toBe(true);
    expect(result.current.state.at).toBe("choosing");
    act(() => result.current.choose("b"));
    act(() => result.current.choose("c"));
    expect([sendings[1]?.signal.aborted, sendings[2]?.signal.aborted]).toEqual([true, false]);
    unmount();
    expect(sendings[2]?.signal.aborted).toBe(true);
  });

  it("shows why the file was refused and keeps it", async () => {
    const { source, sendings } = slow();
    const { result } = renderHook(() => useAdding(source, "dropped.jsonl"));
    act(() => sendings[0]?.fail(new Problem({ title: "The upload is too large", status: 422 })));
    await waitFor(() => expect(result.current.state).toMatchObject({ at: "failed", chosen: "dropped.jsonl" }));
  });
});
