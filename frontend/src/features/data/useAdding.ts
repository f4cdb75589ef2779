import { useEffect, useMemo, useRef, useState } from "react";

import { asProblem } from "@/client/problem";
import type { Sending } from "@/client/queries/datasets";

import { isSending, START, step, type Adding, type AddingEvent } from "./adding";
import type { Look } from "./look";

export interface Given {
  name: string;
  skipBad: boolean;
}

/** Where rows come from: how they are looked at, and how they are added; the answer is the data set's name. */
export interface Source<T> {
  look: (chosen: T, sending: Sending) => Promise<Look>;
  add: (chosen: T, given: Given, sending: Sending) => Promise<string>;
}

/**
 * Carries out what `adding.ts` decides. One sending at a time; leaving the form breaks it off. `first`: what was chosen before
 * the form was there.
 */
export function useAdding<T>(source: Source<T>, first: T | null = null) {
  const [state, setState] = useState<Adding<T, Look>>(START);
  const now = useRef(state);
  const control = useRef<AbortController>(undefined);
  const given = useRef(source);
  useEffect(() => {
    given.current = source;
  });
  const verbs = useMemo(() => {
    const tell = (event: AddingEvent<T, Look>) => {
      const next = step(now.current, event);
      now.current = next;
      setState(next);
      return next;
    };
    const send = (event: AddingEvent<T, Look>, what: (sending: Sending) => Promise<(turn: number) => AddingEvent<T, Look>>) => {
      control.current?.abort();
      const { signal } = (control.current = new AbortController());
      const before = now.current;
      const { turn } = tell(event);
      if (before.turn === turn) return;
      what({ sent: (part) => tell({ do: "sent", turn, part }), signal }).then(
        (done) => tell(done(turn)),
        (error: unknown) => tell({ do: "failed", turn, problem: asProblem(error) }),
      );
    };
    return {
      choose: (chosen: T) =>
        send({ do: "choose", chosen }, async (sending) => {
          const look = await given.current.look(chosen, sending);
          return (turn) => ({ do: "looked", turn, look });
        }),
      add: (as: Given) => {
        const { current } = now;
        if (current.at !== "looked") return;
        send({ do: "add" }, async (sending) => {
          const name = await given.current.add(current.chosen, as, sending);
          return (turn) => ({ do: "added", turn, name });
        });
      },
      stop: () => {
        control.current?.abort();
        tell({ do: "stop" });
      },
      clear: () => {
        control.current?.abort();
        tell({ do: "clear" });
      },
    };
  }, []);
  useEffect(() => {
    if (first !== null) verbs.choose(first);
    return () => control.current?.abort();
  }, [first, verbs]);
  return { state, sending: isSending(state), ...verbs };
}
