import "uplot/dist/uPlot.min.css";

import { Button, useComputedColorScheme } from "@mantine/core";
import { useEffect, useEffectEvent, useRef, useState, type KeyboardEvent } from "react";

import { extentOf, type Plot } from "./plot";
import { Plotter, sayX } from "./plotter";
import classes from "./Chart.module.css";
import { nearest } from "./series";

interface Props {
  /** What the curves are of, for those who listen: "Loss". */
  label: string;
  plot: Plot;
  height: number;
  /** The x that legends tell values of; null: the last one. */
  cursor: number | null;
  onCursor: (x: number | null) => void;
  focus?: string | null;
  onFocus?: (id: string | null) => void;
  together?: string;
  /** What stands where no curve has a point. */
  nothing: string;
}

/** Curves over one x. Drag zooms, double click shows all again; arrows move the cursor, Escape lets it go. */
export function Chart(props: Props) {
  const { label, plot, height, cursor, nothing } = props;
  const { box, zoomed, reset, point } = usePlotter(props);
  const extent = extentOf(plot.curves);
  const onKeyDown = (event: KeyboardEvent) => {
    const next = moved(event.key, plot, cursor, event.shiftKey ? 10 : 1);
    if (next === null) {
      if (event.key !== "Escape") return;
      reset();
      point(null);
    } else point(next);
    event.preventDefault();
  };
  return (
    <div className={classes.chart}>
      <div
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={extent?.[0] ?? 0}
        aria-valuemax={extent?.[1] ?? 0}
        aria-valuenow={cursor ?? extent?.[1] ?? 0}
        aria-valuetext={extent ? words(plot, cursor ?? extent[1]) : nothing}
        className={classes.chart}
        onKeyDown={onKeyDown}
      >
        <div ref={box} className={classes.box} style={{ height }} data-empty={!extent || undefined} aria-hidden />
      </div>
      {!extent && <div className={classes.nothing}>{nothing}</div>}
      {zoomed && (
        <Button size="compact-xs" variant="default" className={classes.reset} onClick={reset}>
          Show all
        </Button>
      )}
    </div>
  );
}

function usePlotter({ plot, height, onCursor, focus = null, onFocus, together }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plotter = useRef<Plotter>(null);
  const [zoomed, setZoomed] = useState(false);
  const theme = useComputedColorScheme();
  const tellCursor = useEffectEvent(onCursor);
  const tellFocus = useEffectEvent((id: string | null) => onFocus?.(id));
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const made = new Plotter(element, { cursor: (x) => tellCursor(x), focus: (id) => tellFocus(id), zoomed: setZoomed }, together);
    plotter.current = made;
    const watch = new ResizeObserver(() => made.resize(element.clientWidth, element.clientHeight));
    made.resize(element.clientWidth, element.clientHeight);
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      plotter.current = null;
    };
  }, [together]);
  useEffect(() => plotter.current?.show(plot, theme), [plot, theme, together, height]);
  useEffect(() => plotter.current?.focus(focus), [focus]);
  return {
    box,
    zoomed,
    reset: () => plotter.current?.zoomTo(null),
    point: (x: number | null) => plotter.current?.point(x),
  };
}

/** Where a key leads from `cursor`: along the points of the curve that has most of them. */
function moved(key: string, { curves }: Plot, cursor: number | null, by: number): number | null {
  const xs = curves.reduce<number[]>((longest, { series }) => (series.x.length > longest.length ? series.x : longest), []);
  const at = cursor === null ? xs.length - 1 : nearest(xs, cursor);
  const to = { ArrowLeft: at - by, ArrowRight: at + by, Home: 0, End: xs.length - 1 }[key];
  return to === undefined ? null : (xs[Math.max(0, Math.min(xs.length - 1, to))] ?? null);
}

/** "Step 40: facts 0.53, lamps 0.61" */
function words({ curves, axis }: Plot, x: number): string {
  const where = { step: "Step", epoch: "Epoch", time: "After" }[axis];
  const values = curves.slice(0, 5).flatMap(({ name, series }) => {
    const y = series.y[nearest(series.x, x)];
    return y === undefined ? [] : [`${name} ${y.toPrecision(3)}`];
  });
  return `${where} ${sayX(axis, x)}: ${values.join(", ")}`;
}
