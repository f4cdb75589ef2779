import { useMemo, useState } from "react";

import { ProblemAlert } from "@/components/problem/ProblemAlert";

import type { CurveSearch } from "../search";
import { useHeld } from "../useHeld";
import { Chart } from "./Chart";
import { Controls } from "./Controls";
import classes from "./CurvePanel.module.css";
import { curvesOf } from "./curvesOf";
import { Legend, type LegendEntry } from "./Legend";
import { lookOf } from "./look";
import type { Plot } from "./plot";
import type { RunColumns } from "./useCurves";
import { METRIC_NOTHING, METRIC_WORDS } from "./words";

interface Props {
  runs: RunColumns[];
  slots: ReadonlyMap<string, number>;
  search: CurveSearch;
  change: (next: CurveSearch) => void;
  focus: string | null;
  onFocus: (name: string | null) => void;
  onRemove: (name: string) => void;
}

/** One metric of several runs, laid over each other. */
export function CurvePanel({ runs, slots, search, change, focus, onFocus, onRemove }: Props) {
  const [cursor, setCursor] = useState<number | null>(null);
  const { metric = "loss", x = "step", log = false } = search;
  const [smooth, setSmooth] = useHeld(search.smooth ?? 0);
  const plot = useMemo<Plot>(() => {
    const given = runs.flatMap(({ name, columns }) =>
      columns ? [{ id: name, name, slot: slots.get(name) ?? 0, columns, metric }] : [],
    );
    return { curves: curvesOf(given, x, smooth), axis: x, log };
  }, [runs, slots, metric, x, smooth, log]);
  const entries = runs.map<LegendEntry>(({ name, columns, error }) => ({
    id: name,
    name,
    look: lookOf(slots.get(name) ?? 0),
    note: error ? "can't be read" : columns ? "none" : "reading …",
  }));
  const broken = runs.find(({ columns, error }) => error && !columns)?.error;
  return (
    <section aria-label="Curves of the runs shown" className={classes.panel}>
      <Controls
        metrics
        search={search}
        smooth={smooth}
        onSmooth={setSmooth}
        change={change}
      />
      {broken && <ProblemAlert error={broken} />}
      <div className={classes.beside}>
        <Chart
          label={`${METRIC_WORDS[metric]} of ${runs.length === 1 ? "one run" : `${runs.length} runs`}`}
          plot={plot}
          height={300}
          cursor={cursor}
          onCursor={setCursor}
          focus={focus}
          onFocus={onFocus}
          nothing={runs.some(({ columns }) => !columns) ? "Reading …" : METRIC_NOTHING[metric]}
        />
        <Legend entries={entries} plot={plot} cursor={cursor} focus={focus} onFocus={onFocus} onRemove={onRemove} />
      </div>
    </section>
  );
}
