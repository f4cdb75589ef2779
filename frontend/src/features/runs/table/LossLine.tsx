import { useQuery } from "@tanstack/react-query";

import { lossCurveQuery } from "@/client/queries/curves";
import { number } from "@/lib/format";

import { pathOf } from "./path";
import classes from "./LossLine.module.css";

const WIDTH = 104;
const HEIGHT = 22;

/** A run's loss as a small drawing. */
export function LossLine({ name }: { name: string }) {
  const { data } = useQuery(lossCurveQuery(name));
  if (!data || data.loss.length < 2) return null;
  const words = `Loss from ${number(data.loss[0])} to ${number(data.loss.at(-1))}`;
  return (
    <svg className={classes.line} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={words}>
      <title>{words}</title>
      <path d={pathOf(data, WIDTH, HEIGHT)} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
