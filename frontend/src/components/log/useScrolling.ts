import { useEffect, useMemo, useRef, type RefObject } from "react";

import type { Drawn, ToLog } from "./engine/protocol";
import { Scroller } from "./scroller";

interface Parts {
  box: RefObject<HTMLDivElement | null>;
  space: RefObject<HTMLDivElement | null>;
  lines: RefObject<HTMLDivElement | null>;
  wrap: boolean;
  follow: boolean;
  onFollow: (follow: boolean) => void;
  send: (message: ToLog) => void;
}

export interface Scrolling {
  scrolled: () => void;
  drawn: (drawn: Drawn) => void;
  show: (place: { top: number; origin: number }) => void;
}

/** Keeps what is scrolled, what is drawn and what is followed in step. */
export function useScrolling({ box, space, lines, wrap, follow, onFollow, send }: Parts): Scrolling {
  const scroller = useRef<Scroller | null>(null);
  const told = useRef(onFollow);
  useEffect(() => {
    told.current = onFollow;
  });

  useEffect(() => {
    if (!box.current || !space.current || !lines.current) return;
    const own = new Scroller(box.current, space.current, lines.current, send, (next) => told.current(next));
    scroller.current = own;
    return () => own.close();
  }, [box, space, lines, send]);
  useEffect(() => scroller.current?.set({ wrap, follow }), [wrap, follow]);

  return useMemo(
    () => ({
      scrolled: () => scroller.current?.scrolled(),
      drawn: (drawn: Drawn) => scroller.current?.drawn(drawn),
      show: (place: { top: number; origin: number }) => scroller.current?.show(place),
    }),
    [],
  );
}
