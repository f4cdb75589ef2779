import { useImperativeHandle, useLayoutEffect, useRef, type CSSProperties, type Ref } from "react";

import type { ToLog } from "./engine/protocol";
import { Rows } from "./Rows";
import { LINE } from "./scale";
import classes from "./Screen.module.css";
import type { LogSource } from "./source";
import { opening } from "./Standing";
import type { LogState } from "./useLog";
import { useScrolling } from "./useScrolling";

export interface ScreenHandle {
  focus(): void;
}

interface Props {
  ref: Ref<ScreenHandle>;
  label: string;
  state: LogState;
  wrap: boolean;
  follow: boolean;
  onFollow: (follow: boolean) => void;
  send: (message: ToLog) => void;
  onFill: (hole: number) => void;
  source: LogSource;
  step: string | undefined;
}

/** The lines in view, in a box that scrolls as if all were there. */
export function Screen({ ref, label, state, wrap, follow, onFollow, send, onFill, source, step }: Props) {
  const { drawn, show } = state;
  const box = useRef<HTMLDivElement>(null);
  const space = useRef<HTMLDivElement>(null);
  const lines = useRef<HTMLDivElement>(null);
  useImperativeHandle(ref, () => ({ focus: () => box.current?.focus() }));
  const scrolling = useScrolling({ box, space, lines, wrap, follow, onFollow, send });

  useLayoutEffect(() => {
    if (drawn) scrolling.drawn(drawn);
  }, [scrolling, drawn, follow]);
  useLayoutEffect(() => {
    if (show) scrolling.show(show);
  }, [scrolling, show]);

  const digits = Math.max(3, String(drawn?.lines ?? drawn?.height ?? 0).length);
  return (
    // Not announced line by line: a flood of them is no news. How the log stands is said below it.
    <div
      ref={box}
      className={classes.box}
      role="log"
      aria-live="off"
      aria-label={label}
      aria-busy={opening(state)}
      tabIndex={0}
      onScroll={scrolling.scrolled}
      data-wrap={wrap || undefined}
      style={{ "--line-height": `${LINE}px`, "--digits": `${digits}ch` } as CSSProperties}
    >
      <div ref={space} className={classes.space}>
        <div ref={lines} className={classes.lines}>
          {drawn && <Rows rows={drawn.rows} onUnfold={(key) => send({ do: "unfold", key })} onFill={onFill} source={source} step={step} />}
        </div>
      </div>
    </div>
  );
}
