import uPlot from "uplot";

import { count } from "@/lib/format";

import { aligned } from "./align";
import { decimated } from "./decimate";
import { clock, CLOCK_TICKS, extentOf, positive, type Curve, type Plot, type Stretch } from "./plot";
import type { Series } from "./series";

export interface Told {
  /** The x under the pointer; null when it isn't over the chart. */
  cursor: (x: number | null) => void;
  /** The curve next to the pointer. */
  focus: (id: string | null) => void;
  zoomed: (zoomed: boolean) => void;
}

/** A curve and where uPlot has it. */
interface Drawn {
  id: string;
  faint: boolean;
  series: Series;
}

/** uPlot declares it in an enum that only its types have. */
const LOGARITHMIC = 3 as unknown as uPlot.Scale.Distr;
const NEAR_PX = 40;
/** Stretches that all curves together are cut into: what a browser without a graphics card draws within a frame or two. */
const BUDGET = 4_000;
const LEAST_BUCKETS = 150;
/** With fewer points than this they are marked: an evaluation has a handful. */
const MARKED = 40;

/** Draws curves by uPlot into `box`: data follow without a new chart, a zoom stays while they come. */
export class Plotter {
  private chart: uPlot | null = null;
  private shape = "";
  private drawn: Drawn[] = [];
  private whole: Stretch = [0, 1];
  private zoom: Stretch | null = null;
  private focused: string | null = null;
  private width = 0;
  private height = 0;

  constructor(
    private readonly box: HTMLElement,
    private readonly told: Told,
    /** Charts of the same word move their cursors together. */
    private readonly together?: string,
  ) {}

  /** `theme`: the colours are read anew when it is another one. */
  show(plot: Plot, theme: string): void {
    this.drawn = drawnOf(plot);
    this.whole = extentOf(plot.curves) ?? [0, 1];
    const shape = JSON.stringify([theme, plot.axis, plot.log, plot.curves.map(({ id, look, raw, series }) => [id, look, !!raw, few(series)])]);
    if (this.chart && shape === this.shape) {
      this.chart.setData(this.data());
      return;
    }
    if (plot.axis !== this.axisOf(this.shape)) this.setZoom(null);
    this.shape = shape;
    this.make(plot);
  }

  resize(width: number, height: number): void {
    this.width = width;
    this.height = height;
    if (!this.chart || width === 0) return;
    this.chart.setSize({ width, height });
  }

  focus(id: string | null): void {
    if (id === this.focused) return;
    this.focused = id;
    this.applyFocus();
  }

  zoomTo(stretch: Stretch | null): void {
    this.setZoom(stretch);
    this.chart?.setData(this.data());
  }

  /** Moves the cursor there, as a pointer would. */
  point(x: number | null): void {
    const left = x === null ? -10 : (this.chart?.valToPos(x, "x") ?? -10);
    this.chart?.setCursor({ left, top: x === null ? -10 : 10 });
  }

  destroy(): void {
    this.chart?.destroy();
    this.chart = null;
  }

  private axisOf(shape: string): unknown {
    return shape ? (JSON.parse(shape) as unknown[])[1] : undefined;
  }

  private setZoom(stretch: Stretch | null): void {
    this.zoom = stretch;
    this.told.zoomed(stretch !== null);
  }

  /** Only as many points as can be seen, of the part that is in sight. */
  private data(): uPlot.AlignedData {
    const [from, to] = this.zoom ?? this.whole;
    const buckets = Math.min(Math.ceil(this.width / 1.5), Math.max(LEAST_BUCKETS, Math.ceil(BUDGET / (this.drawn.length || 1))));
    return aligned(this.drawn.map(({ series }) => decimated(series, from, to, buckets)));
  }

  private make(plot: Plot): void {
    this.chart?.destroy();
    const style = getComputedStyle(this.box);
    this.chart = new uPlot(this.options(plot, (name) => style.getPropertyValue(name).trim()), this.data(), this.box);
    this.applyFocus();
  }

  private options(plot: Plot, colour: (name: string) => string): uPlot.Options {
    const byId = new Map(plot.curves.map((curve) => [curve.id, curve]));
    return {
      width: this.width || 600,
      height: this.height || 240,
      legend: { show: false },
      focus: { alpha: 0.18 },
      cursor: this.cursor(),
      scales: {
        x: { time: false, range: () => [...(this.zoom ?? this.whole)] },
        y: plot.log ? { distr: LOGARITHMIC, range: (_, least, most) => logRange(least, most) } : {},
      },
      axes: axesOf(plot, colour),
      series: [{}, ...this.drawn.map((drawn) => seriesOptions(drawn, byId.get(drawn.id), colour))],
      hooks: {
        setCursor: [(chart) => this.told.cursor(cursorX(chart))],
        setSelect: [(chart) => this.selected(chart)],
        setSeries: [(_, index, options) => this.hovered(index, options)],
      },
    };
  }

  private cursor(): uPlot.Cursor {
    return {
      y: false,
      hover: { skip: [null, undefined] },
      focus: {
        prox: NEAR_PX,
        dist: (_, index, __, value, pointer) => (this.drawn[index - 1]?.faint ? 1e9 : value - pointer),
      },
      points: { one: true, size: 8 },
      // The part that was dragged over becomes the zoom, by `selected`: it changes which points are drawn.
      drag: { x: true, y: false, setScale: false, dist: 6 },
      bind: { dblclick: () => () => (this.zoomTo(null), null) },
      ...(this.together ? { sync: { key: this.together, setSeries: false, scales: ["x", null] as [string, null] } } : {}),
    };
  }

  private selected(chart: uPlot): void {
    const { left, width } = chart.select;
    if (width <= 0) return;
    const stretch: Stretch = [chart.posToVal(left, "x"), chart.posToVal(left + width, "x")];
    chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.zoomTo(stretch);
  }

  private hovered(index: number | null, options: uPlot.Series): void {
    if (!("focus" in options)) return;
    const id = index === null ? null : (this.drawn[index - 1]?.id ?? null);
    if (id === this.focused) return;
    this.focused = id;
    this.told.focus(id);
  }

  private applyFocus(): void {
    const index = this.drawn.findIndex(({ id, faint }) => id === this.focused && !faint);
    this.chart?.setSeries(index < 0 ? null : index + 1, { focus: true }, false);
  }
}

function drawnOf({ curves, log }: Plot): Drawn[] {
  const fit = (series: Series) => (log ? positive(series) : series);
  const faint = curves.flatMap(({ id, raw }) => (raw ? [{ id, faint: true, series: fit(raw) }] : []));
  return [...faint, ...curves.map(({ id, series }) => ({ id, faint: false, series: fit(series) }))];
}

const few = (series: Series) => series.x.length <= MARKED;

function seriesOptions(drawn: Drawn, curve: Curve | undefined, colour: (name: string) => string): uPlot.Series {
  const stroke = colour(curve?.look.colour ?? "--ink");
  return {
    stroke: drawn.faint ? `color-mix(in srgb, ${stroke} 30%, transparent)` : stroke,
    width: drawn.faint ? 1 : 1.75,
    dash: drawn.faint ? [] : [...(curve?.look.dash ?? [])],
    spanGaps: true,
    points: { show: !drawn.faint && few(drawn.series), size: 5, fill: stroke },
  };
}

function axesOf({ axis, log }: Plot, colour: (name: string) => string): uPlot.Axis[] {
  const look = { stroke: colour("--dim"), grid: { stroke: colour("--line"), width: 0.5 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  const along = axis === "time" ? { incrs: CLOCK_TICKS } : axis === "step" ? { incrs: STEP_TICKS } : {};
  return [
    { ...look, ...along, size: 28, space: 64, values: (_, splits) => splits.map((value) => sayX(axis, value)) },
    { ...look, size: 60, values: (_, splits) => splits.map((value: number | null) => (value === null ? "" : tick(value))), ...(log ? {} : { space: 32 }) },
  ];
}

/** 0.0002, 8e-7 */
function tick(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && size < 0.0001 ? value.toExponential().replace(/(\.\d\d?)\d*e/, "$1e") : String(Number(value.toPrecision(6)));
}

const STEP_TICKS = [1, 2, 5].flatMap((first) => Array.from({ length: 8 }, (_, power) => first * 10 ** power)).sort((a, b) => a - b);

/** An x as axis and legend say it. */
export function sayX(axis: Plot["axis"], value: number): string {
  if (axis === "time") return clock(value);
  return axis === "step" ? count(Math.round(value)) : String(Math.round(value * 100) / 100);
}

function logRange(least: number | null, most: number | null): [number, number] {
  if (least === null || most === null || !(least > 0)) return [0.1, 1];
  return [least / 1.15, most * 1.15];
}

function cursorX(chart: uPlot): number | null {
  const { left } = chart.cursor;
  return left == null || left < 0 ? null : chart.posToVal(left, "x");
}
