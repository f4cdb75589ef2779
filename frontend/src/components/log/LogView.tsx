import { useCallback, useEffect, useRef, useState } from "react";

import type { Wanted } from "./engine/search";
import classes from "./LogView.module.css";
import { Screen, type ScreenHandle } from "./Screen";
import type { LogSource } from "./source";
import { Standing } from "./Standing";
import { Toolbar } from "./Toolbar";
import { useLog } from "./useLog";

export interface LogViewProps {
  source: LogSource;
  /** What it is called for those who listen: "Log of Release facts". */
  label: string;
  /** Whether it may grow. A job's log goes on when this becomes true again. */
  active?: boolean;
  /** The step that is shown (`merge`, or its folder `02-merge`); else all. */
  step?: string | undefined;
  onStep?: (step: string | undefined) => void;
  /** What is searched for at first, and whoever keeps what is. */
  find?: string | undefined;
  onFind?: (find: string | undefined) => void;
}

/** Lines of a service's log that are asked for at first, and when all are wanted. */
const SOME = 5_000;
const MOST = 1_000_000;

/**
 * A log, of any length and while it grows: the one viewer for all of them. It fills the height of what it stands in.
 * The text lies in a worker; the page draws the lines in view.
 */
export function LogView({ find, onFind, ...props }: LogViewProps) {
  const [tail, setTail] = useState(SOME);
  const [wrap, setWrap] = useState(false);
  const [wanted, setWanted] = useState<Wanted>({ text: find ?? "", pattern: false, cases: false });
  const { source } = props;
  const isService = source.of === "service";
  const look = (next: Wanted) => {
    setWanted(next);
    if (next.text !== wanted.text) onFind?.(next.text || undefined);
  };
  return (
    <Opened
      key={isService ? `${source.engine ? "engine" : "service"} ${source.name} ${tail}` : `job ${source.id}`}
      {...props}
      tail={tail}
      onAll={isService && tail < MOST ? () => setTail(MOST) : undefined}
      wrap={wrap}
      onWrap={setWrap}
      wanted={wanted}
      onWanted={look}
    />
  );
}

interface OpenedProps extends Omit<LogViewProps, "find" | "onFind"> {
  tail: number;
  /** Read a service's log again, as far back as it goes. */
  onAll: (() => void) | undefined;
  wrap: boolean;
  onWrap: (wrap: boolean) => void;
  wanted: Wanted;
  onWanted: (wanted: Wanted) => void;
}

function Opened({ source, label, active = true, step, onStep, tail, onAll, wrap, onWrap, wanted, onWanted }: OpenedProps) {
  const [follow, setFollow] = useState(true);
  const whole = useRef<HTMLDivElement>(null);
  const screen = useRef<ScreenHandle>(null);
  const field = useRef<HTMLInputElement>(null);
  const { state, send } = useLog({ source, only: step, tail, wanted, active });
  const fill = useCallback((hole: number) => (onAll ? onAll() : send({ do: "fill", hole })), [send, onAll]);
  useSearchKey(whole, field);

  return (
    <div ref={whole} className={classes.log}>
      <Toolbar
        field={field}
        wanted={wanted}
        onWanted={onWanted}
        found={state.found}
        onNext={(by) => send({ do: "step", by })}
        leave={() => screen.current?.focus()}
        steps={state.drawn?.steps ?? []}
        step={step}
        onStep={onStep}
        wrap={wrap}
        onWrap={onWrap}
        source={source}
      />
      <Screen
        ref={screen}
        label={label}
        state={state}
        wrap={wrap}
        follow={follow}
        onFollow={setFollow}
        send={send}
        onFill={fill}
        source={source}
        step={step}
      />
      <Standing state={state} onAll={onAll} follow={follow} onFollow={setFollow} />
    </div>
  );
}

/** Ctrl-F within the log searches in it: the browser would find only the lines that are drawn. */
function useSearchKey(whole: React.RefObject<HTMLElement | null>, field: React.RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const element = whole.current;
    const pressed = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "f") return;
      event.preventDefault();
      field.current?.select();
    };
    element?.addEventListener("keydown", pressed);
    return () => element?.removeEventListener("keydown", pressed);
  }, [whole, field]);
}
