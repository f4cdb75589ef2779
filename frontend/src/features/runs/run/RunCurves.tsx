import { useMemo, useState } from "react";

import type { Columns, Metric } from "@/client/columns";

import { Chart } from "../curves/Chart";
import { Controls } from "../curves/Controls";
import { curvesOf } from "../curves/curvesOf";
import type { Plot } from "../curves/plot";
import { sayX } from "../curves/plotter";
import { nearest } from "../curves/series";
import { Swatch } from "../curves/Swatch";
import { METRIC_NOTHING, METRIC_WORDS } from "../curves/words";
import type { CurveSearch } from "../search";
import { useHeld } from "../useHeld";
import { number } from "@/lib/format";
import classes from "./RunCurves.module.css";

/** The charts of a run, each with its curves. */
const CHARTS: { title: string; metrics: Metric[] }[] = [
  { title: "Loss", metrics: ["loss", "eval_loss"] },
  { title: "Learning rate", metrics: ["lr"] },
  { title: "Gradient norm", metrics: ["grad_norm"] },
  { title: "Tokens/s", metrics: ["tokens_per_second"] },
];

interface Props {
  columns: Columns;
  search: CurveSearch;
  change: (next: CurveSearch) => void;
}

/** All metrics of a run, their cursors together. */
export function RunCurves({ columns, search, change }: Props) {
  const [cursor, setCursor] = useState<number | null>(null);
  const [smooth, setSmooth] = useHeld(search.smooth ?? 0);
  return (
    <div className={classes.all}>
      <Controls search={search} smooth={smooth} onSmooth={setSmooth} change={change} />
      <div className={classes.charts}>
        {CHARTS.map((chart) => (
          <OneChart key={chart.title} {...chart} columns={columns} search={search} smooth={smooth} cursor={cursor} onCursor={setCursor} />
        ))}
      </div>
    </div>
  );
}

interface OneProps extends Omit<Props, "change"> {
  title: string;
  metrics: Metric[];
  smooth: number;
  cursor: number | null;
  onCursor: (x: number | null) => void;
}

function OneChart({ title, metrics, columns, search, smooth, cursor, onCursor }: OneProps) {
  const { x = "step", log = false } = search;
  const plot = useMemo<Plot>(() => {
    const given = metrics.map((metric, slot) => ({ id: metric, name: METRIC_WORDS[metric], slot, columns, metric }));
    return { curves: curvesOf(given, x, smooth), axis: x, log };
  }, [columns, metrics, x, smooth, log]);
  return (
    <section className={classes.chart} aria-label={title}>
      <div className={classes.head}>
        <h3 className={classes.title}>{title}</h3>
        <Values plot={plot} cursor={cursor} named={metrics.length > 1} />
      </div>
      <Chart
        label={title}
        plot={plot}
        height={210}
        cursor={cursor}
        onCursor={onCursor}
        together="run"
        nothing={METRIC_NOTHING[metrics[0] ?? "loss"]}
      />
    </section>
  );
}

/** What the curves say at the cursor, or last. */
function Values({ plot, cursor, named }: { plot: Plot; cursor: number | null; named: boolean }) {
  const { axis, curves } = plot;
  const where = { step: "step", epoch: "epoch", time: "after" }[axis];
  return (
    <span className={classes.values}>
      {curves.map(({ id, name, look, series, raw }) => {
        const value = (of: typeof series) => number(of.y[cursor === null ? of.x.length - 1 : nearest(of.x, cursor)]);
        return (
          <span key={id} className={classes.value}>
            {named && curves.length > 1 && (
              <>
                <Swatch look={look} /> {name}{" "}
              </>
            )}
            {value(series)}
            {raw && ` (raw ${value(raw)})`}
          </span>
        );
      })}
      {curves.length > 0 && cursor !== null && (
        <span className={classes.where}>
          {where} {sayX(axis, cursor)}
        </span>
      )}
    </span>
  );
}
