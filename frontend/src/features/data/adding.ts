import type { Problem } from "@/client/problem";

/**
 * How far the adding of a file is: chosen, looked at (sent once, nothing kept), then added (sent again). `T` is what is
 * chosen, `L` what looking showed.
 */
export type Adding<T, L> = { turn: number } & (
  | { at: "choosing" }
  | { at: "looking"; chosen: T; sent: number | null }
  | { at: "looked"; chosen: T; look: L; problem: Problem | null }
  | { at: "adding"; chosen: T; look: L; sent: number | null }
  | { at: "added"; name: string }
  | { at: "failed"; chosen: T; problem: Problem }
);

/** Events of a sending carry the turn in which it began: what comes after it was broken off means nothing. */
export type AddingEvent<T, L> =
  | { do: "choose"; chosen: T }
  | { do: "sent"; turn: number; part: number | null }
  | { do: "looked"; turn: number; look: L }
  | { do: "add" }
  | { do: "added"; turn: number; name: string }
  | { do: "failed"; turn: number; problem: Problem }
  | { do: "stop" }
  | { do: "clear" };

export const START: Adding<never, never> = { turn: 0, at: "choosing" };

export function step<T, L>(now: Adding<T, L>, event: AddingEvent<T, L>): Adding<T, L> {
  if ("turn" in event && event.turn !== now.turn) return now;
  const turn = now.turn + 1;
  switch (event.do) {
    case "choose":
      return { turn, at: "looking", chosen: event.chosen, sent: null };
    case "clear":
      return { turn, at: "choosing" };
    case "add":
      return now.at === "looked" ? { turn, at: "adding", chosen: now.chosen, look: now.look, sent: null } : now;
    case "stop":
      // Nothing was kept: what was looked at can be added as before.
      if (now.at === "adding") return { turn, at: "looked", chosen: now.chosen, look: now.look, problem: null };
      return now.at === "looking" ? { turn, at: "choosing" } : now;
    case "sent":
      return now.at === "looking" || now.at === "adding" ? { ...now, sent: event.part } : now;
    case "looked":
      return now.at === "looking" ? { turn, at: "looked", chosen: now.chosen, look: event.look, problem: null } : now;
    case "added":
      return now.at === "adding" ? { turn, at: "added", name: event.name } : now;
    case "failed":
      if (now.at === "adding") return { turn, at: "looked", chosen: now.chosen, look: now.look, problem: event.problem };
      return now.at === "looking" ? { turn, at: "failed", chosen: now.chosen, problem: event.problem } : now;
  }
}

/** Whether closing the page now would break something off. */
export const isSending = (now: Adding<unknown, unknown>): boolean => now.at === "looking" || now.at === "adding";
