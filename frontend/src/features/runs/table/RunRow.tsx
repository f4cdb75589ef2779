import { Link } from "@tanstack/react-router";
import { memo } from "react";

import type { Run } from "@/client/types";
import { count, exact, number, relative, UNKNOWN } from "@/lib/format";
import { useNow } from "@/lib/useNow";

import { lookOf, MOST } from "../curves/look";
import { Swatch } from "../curves/Swatch";
import { shortName } from "../runs";
import { RunState } from "../RunState";
import { LossLine } from "./LossLine";
import classes from "./RunTable.module.css";

interface Props {
  run: Run;
  index: number;
  height: number;
  /** Of the curve that is shown. */
  slot: number | undefined;
  /** As many curves are shown as can be told apart. */
  full: boolean;
  lit: boolean;
  /** Two lines instead of many columns. */
  phone: boolean;
  onShow: (name: string, show: boolean) => void;
  onFocus: (name: string | null) => void;
}

/** Thousands of these pass by: what a row is made of is kept light. */
export const RunRow = memo(function RunRow({ run, index, height, slot, full, lit, phone, onShow, onFocus }: Props) {
  const shown = slot !== undefined;
  const never = !shown && full;
  const data = run.datasets.join(", ");
  return (
    <tr
      data-run={run.name}
      aria-rowindex={index + 2}
      className={classes.row}
      style={{ height }}
      data-lit={lit || undefined}
      onMouseEnter={shown ? () => onFocus(run.name) : undefined}
      onMouseLeave={shown ? () => onFocus(null) : undefined}
    >
      <td className={classes.pick}>
        <input
          type="checkbox"
          checked={shown}
          disabled={never}
          title={never ? `${MOST} curves are as many as can be told apart` : undefined}
          aria-label={`Show the curve of ${run.name}`}
          onChange={({ currentTarget }) => onShow(run.name, currentTarget.checked)}
        />
      </td>
      <td className={classes.name}>
        <span className={classes.nameWords}>
          {shown && <Swatch look={lookOf(slot)} />}
          <Link to="/runs/$" params={{ _splat: run.name }} className={classes.link} title={run.name} dir="auto">
            {run.name}
          </Link>
          {run.made_outside && (
            <span className={classes.outside} title="Trained in LlamaBoard, or started by hand">
              outside
            </span>
          )}
        </span>
        {phone && (
          <span className={classes.below}>
            <RunState run={run} /> · <Steps run={run} />
          </span>
        )}
      </td>
      {!phone && (
        <>
          <td className={classes.state}>
            <RunState run={run} />
          </td>
          <td className={classes.base} title={run.base ?? undefined} dir="auto">
            {shortName(run.base)}
          </td>
          <td className={classes.data} title={data || undefined} dir="auto">
            {data || UNKNOWN}
          </td>
          <td className={classes.steps}>
            <Steps run={run} />
          </td>
        </>
      )}
      <td className={classes.loss}>{number(run.loss)}</td>
      <td className={classes.curve}>
        <LossLine name={run.name} />
      </td>
      {!phone && (
        <td className={classes.when}>
          <When at={run.modified_at} />
        </td>
      )}
    </tr>
  );
});

function When({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={exact(at)}>
      {relative(at, now)}
    </time>
  );
}

function Steps({ run }: { run: Run }) {
  if (run.step == null) return <>{UNKNOWN}</>;
  const ended = !run.total_steps || run.total_steps <= run.step;
  return <>{ended ? count(run.step) : `${count(run.step)} / ${count(run.total_steps)}`}</>;
}
