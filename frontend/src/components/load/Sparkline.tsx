import { useSyncExternalStore } from "react";

import type { Sample } from "@/client/history";
import { serverNow } from "@/client/clock";

import { lineOf, pathsOf } from "./line";
import classes from "./Sparkline.module.css";

const WIDTH = 120;
const HEIGHT = 24;

interface Props {
  samples: readonly Sample[] | undefined;
  /** Which of their values. */
  name: string;
  /** What it is, for those who listen: "CPU of Ollama". */
  what: string;
  /** How a value is said. */
  say: (value: number | null) => string;
  /** The value at full height; without one the largest of the ten minutes. */
  top?: number | null;
  /** The least value at full height, so that next to nothing doesn't look like much. */
  floor?: number;
}

/** Ten minutes of a value. Where nothing was measured there is nothing. */
export function Sparkline({ samples, name, what, say, top, floor = 0 }: Props) {
  const now = useSyncExternalStore(subscribe, beat);
  const { stretches, least, most, last } = lineOf(samples ?? [], name, now, top, floor);
  const { line, ground } = pathsOf(stretches, WIDTH, HEIGHT);
  const words =
    most === null ? "not measured in the last ten minutes" : `${say(least)} to ${say(most)} in the last ten minutes`;
  return (
    <svg
      className={classes.spark}
      viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${what}: ${words}${last === null ? "" : `, now ${say(last)}`}`}
    >
      <title>{words}</title>
      <path d={ground} className={classes.ground} />
      <path d={line} className={classes.line} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

/** Histories move to the left this often. */
const BEAT_MS = 5_000;

function beat(): number {
  return Math.ceil(serverNow() / BEAT_MS) * BEAT_MS;
}

function subscribe(listener: () => void): () => void {
  const timer = setInterval(() => {
    if (!document.hidden) listener();
  }, BEAT_MS);
  return () => clearInterval(timer);
}
