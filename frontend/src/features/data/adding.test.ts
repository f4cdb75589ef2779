import { describe, expect, it } from "vitest";

import { Problem } from "@/client/problem";

import { isSending, START, step, type Adding, type AddingEvent } from "./adding";

type State = Adding<string, string>;
type Event = AddingEvent<string, string>;

/** The state after events; those of a sending belong to the turn at that time unless they say another. */
function after(...events: (Event | ((turn: number) => Event))[]): State {
  return events.reduce<State>((now, event) => step(now, typeof event === "function" ? event(now.turn) : event), START);
}

const choose: Event = { do: "choose", chosen: "rows.jsonl" };
const sent = (part: number) => (turn: number): Event => ({ do: "sent", turn, part });
const looked = (turn: number): Event => ({ do: "looked", turn, look: "3 rows" });
const failed = (turn: number): Event => ({ do: "failed", turn, problem: new Problem({ title: "No", status: 422 }) });
const added = (turn: number): Event => ({ do: "added", turn, name: "rows" });

describe("the adding of a file", () => {
  it("goes from choosing over looking to added", () => {
    expect(after(choose, sent(0.5))).toMatchObject({ at: "looking", chosen: "rows.jsonl", sent: 0.5 });
    expect(after(choose, looked)).toMatchObject({ at: "looked", look: "3 rows", problem: null });
    expect(after(choose, looked, { do: "add" }, sent(1))).toMatchObject({ at: "adding", sent: 1 });
    expect(after(choose, looked, { do: "add" }, added)).toMatchObject({ at: "added", name: "rows" });
  });

  it("keeps the file and what was seen of it when the adding fails", () => {
    expect(after(choose, looked, { do: "add" }, failed)).toMatchObject({ at: "looked", look: "3 rows", problem: { title: "No" } });
    expect(after(choose, failed)).toMatchObject({ at: "failed", chosen: "rows.jsonl" });
  });

  it("goes back a step when it is stopped, and then hears nothing more of what was stopped", () => {
    expect(after(choose, { do: "stop" }).at).toBe("choosing");
    const adding = after(choose, looked, { do: "add" });
    const stopped = step(adding, { do: "stop" });
    expect(stopped.at).toBe("looked");
    for (const late of [added(adding.turn), failed(adding.turn), sent(0.9)(adding.turn)]) expect(step(stopped, late)).toBe(stopped);
  });

  it("takes no answer of an earlier file for that of a later one", () => {
    const first = after(choose);
    const second = step(first, { do: "choose", chosen: "other.jsonl" });
    expect(step(second, looked(first.turn))).toBe(second);
  });

  it("is asked about before the page closes only while something is under way", () => {
    expect([after(), after(choose), after(choose, looked), after(choose, looked, { do: "add" })].map(isSending)).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });
});
