import { Link, linkOptions } from "@tanstack/react-router";
import { useLayoutEffect, useMemo, useRef, type KeyboardEvent } from "react";

import { KindIcon } from "./KindIcon";
import { drawingOf, stepTo, type Around, type Drawing, type Place } from "./lineage";
import classes from "./LineageDrawing.module.css";
import { kindWord } from "./words";

const WIDE = 200;
const HIGH = 56;
const BETWEEN = { columns: 40, rows: 16 };
const EDGE = 8;

/** What a thing came from, itself, and what came of it, each a link; arrow keys follow the lines. */
export function LineageDrawing({ id, around }: { id: string; around: Around }) {
  const drawing = useMemo(() => drawingOf(id, around), [id, around]);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const own = drawing.places.find((place) => place.id === id);
    // Where the drawing is wider than the page, the thing itself is what is seen first.
    if (own && box.current) box.current.scrollLeft = leftOf(own, drawing) - (box.current.clientWidth - WIDE) / 2;
  }, [id, drawing]);
  const walk = (event: KeyboardEvent) => {
    const from = event.target instanceof HTMLElement ? event.target.dataset.place : undefined;
    const to = from === undefined ? null : stepTo(event.key, from, drawing);
    const target = to === null ? null : [...(box.current?.querySelectorAll<HTMLElement>("[data-place]") ?? [])].find(
      (each) => each.dataset.place === to,
    );
    if (!target) return;
    event.preventDefault();
    target.focus();
  };
  return (
    // The arrow keys are an extra: each box is a link in the order of Tab.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div ref={box} role="region" aria-label="Drawing of the lineage" tabIndex={0} className={classes.box} onKeyDown={walk}>
      <div className={classes.sheet} style={sizeOf(drawing)}>
        <Lines drawing={drawing} />
        {drawing.places.map((place) => (
          <Box key={place.id} place={place} left={leftOf(place, drawing)} top={topOf(place)} own={place.id === id} />
        ))}
      </div>
    </div>
  );
}

function Box({ place, left, top, own }: { place: Place; left: number; top: number; own: boolean }) {
  const address = addressOf(place);
  const words = (
    <>
      <KindIcon kind={place.kind} />
      <span className={classes.words}>
        <span className={classes.name} dir="auto">
          {place.name}
        </span>
        <span className={classes.kind}>{wordOf(place)}</span>
      </span>
    </>
  );
  const given = {
    className: classes.place,
    style: { left, top, width: WIDE, height: HIGH },
    title: titleOf(place),
    "data-place": place.id,
    "data-missing": place.kind === "missing" || undefined,
  };
  if (own || !address) {
    return (
      <div {...given} tabIndex={-1} data-own={own || undefined} aria-current={own ? "true" : undefined}>
        {words}
      </div>
    );
  }
  return (
    <Link {...address} {...given} preload={false} activeOptions={{ exact: true }}>
      {words}
    </Link>
  );
}

function Lines({ drawing }: { drawing: Drawing }) {
  const places = new Map(drawing.places.map((place) => [place.id, place]));
  return (
    <svg className={classes.lines} aria-hidden>
      {drawing.edges.map(([from, to]) => {
        const [a, b] = [places.get(from), places.get(to)];
        return a && b ? <path key={`${from} ${to}`} d={curve(a, b, drawing)} /> : null;
      })}
    </svg>
  );
}

function curve(from: Place, to: Place, drawing: Drawing): string {
  const [x1, y1] = [leftOf(from, drawing) + WIDE, topOf(from) + HIGH / 2];
  const [x2, y2] = [leftOf(to, drawing), topOf(to) + HIGH / 2];
  const bend = BETWEEN.columns / 2;
  // A line past a column goes between its rows, not through its boxes.
  if (to.column - from.column > 1) {
    const high = Math.max(y1, y2) + (HIGH + BETWEEN.rows) / 2;
    const [start, end] = [x1 + BETWEEN.columns, x2 - BETWEEN.columns];
    return `M${x1} ${y1} C${x1 + bend} ${y1} ${start - bend} ${high} ${start} ${high} H${end} C${end + bend} ${high} ${x2 - bend} ${y2} ${x2} ${y2}`;
  }
  return `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

function addressOf(place: Place) {
  if (place.more !== undefined) return linkOptions({ to: "/models", search: {} });
  if (place.kind === "missing") return null;
  if (place.kind === "dataset") return linkOptions({ to: "/data/$name", params: { name: place.name } });
  if (place.kind === "served") return linkOptions({ to: "/release/$name", params: { name: place.name } });
  return linkOptions({ to: "/models/$", params: { _splat: place.id } });
}

function wordOf(place: Place): string {
  if (place.more !== undefined) return "see all in Models";
  if (place.kind === "missing") return "isn’t here any more";
  return place.kind === "dataset" ? "data set" : kindWord(place.kind);
}

/** All of the name, by its path where it has one. */
const titleOf = ({ id, kind, name }: Place): string => (kind === "served" || kind === "group" ? name : id);

const leftmost = ({ places }: Drawing): number => Math.min(...places.map(({ column }) => column));
const leftOf = (place: Place, drawing: Drawing): number => EDGE + (place.column - leftmost(drawing)) * (WIDE + BETWEEN.columns);
const topOf = (place: Place): number => EDGE + place.row * (HIGH + BETWEEN.rows);

function sizeOf(drawing: Drawing): { width: number; height: number } {
  const columns = drawing.places.map(({ column }) => column);
  const rows = Math.max(...drawing.places.map(({ row }) => row)) + 1;
  // Below the last row a line that goes past a column has room.
  const width = (Math.max(...columns) - Math.min(...columns) + 1) * (WIDE + BETWEEN.columns) - BETWEEN.columns;
  return { width: width + 2 * EDGE, height: rows * (HIGH + BETWEEN.rows) + EDGE };
}
