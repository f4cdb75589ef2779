import { CloseButton } from "@mantine/core";

import { number, UNKNOWN } from "@/lib/format";

import classes from "./Legend.module.css";
import type { Plot } from "./plot";
import { sayX } from "./plotter";
import { nearest } from "./series";
import { Swatch } from "./Swatch";
import type { Look } from "./look";

export interface LegendEntry {
  id: string;
  name: string;
  look: Look;
  /** Why it has no curve. */
  note?: string;
}

interface Props {
  entries: LegendEntry[];
  plot: Plot;
  /** Null: the last value of each. */
  cursor: number | null;
  focus: string | null;
  onFocus: (id: string | null) => void;
  onRemove?: (id: string) => void;
}

const WHERE = { step: "step", epoch: "epoch", time: "after" } as const;

/** The curves' names with their values at the cursor. */
export function Legend({ entries, plot, cursor, focus, onFocus, onRemove }: Props) {
  return (
    <div className={classes.legend}>
      <div className={classes.head}>
        <span>{cursor === null ? "Last values" : `At ${WHERE[plot.axis]} ${sayX(plot.axis, cursor)}`}</span>
        {plot.curves.some(({ raw }) => raw) && <span>smoothed (raw)</span>}
      </div>
      <ul className={classes.list} aria-label="Curves">
        {entries.map(({ id, name, look, note }) => (
          <li
            key={id}
            className={classes.entry}
            data-lit={focus === id || undefined}
            data-dim={(focus !== null && focus !== id) || undefined}
            onMouseEnter={() => onFocus(id)}
            onMouseLeave={() => onFocus(null)}
          >
            <Swatch look={look} />
            <span className={classes.name} dir="auto" title={name}>
              {name}
            </span>
            <span className={classes.value}>{valueOf(plot, id, cursor) ?? <span title={note}>{note ?? UNKNOWN}</span>}</span>
            {onRemove && <CloseButton size="xs" onClick={() => onRemove(id)} aria-label={`Take ${name} out`} />}
          </li>
        ))}
      </ul>
    </div>
  );
}

function valueOf({ curves }: Plot, id: string, cursor: number | null): string | null {
  const curve = curves.find((each) => each.id === id);
  if (!curve) return null;
  const { series, raw } = curve;
  const at = cursor === null ? series.x.length - 1 : nearest(series.x, cursor);
  const value = number(series.y[at]);
  return raw ? `${value} (${number(raw.y[at])})` : value;
}
