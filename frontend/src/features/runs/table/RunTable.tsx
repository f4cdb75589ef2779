import { defaultRangeExtractor, useVirtualizer, type Range } from "@tanstack/react-virtual";
import { useMediaQuery } from "@mantine/hooks";
import { IconArrowDown } from "@tabler/icons-react";
import { Fragment, useCallback, useMemo, useRef, useState } from "react";

import type { Run } from "@/client/types";

import { MOST } from "../curves/look";
import type { Sort } from "../search";
import { RunRow } from "./RunRow";
import classes from "./RunTable.module.css";

interface Props {
  runs: Run[];
  sort: Sort | undefined;
  onSort: (sort: Sort | undefined) => void;
  /** Names of the runs whose curves are shown, with their colours. */
  slots: ReadonlyMap<string, number>;
  onShow: (name: string, show: boolean) => void;
  focus: string | null;
  onFocus: (name: string | null) => void;
}

const ROW_PX = 36;
const PHONE_ROW_PX = 56;

interface Heading {
  name: string;
  class: string;
  /** Left out on a phone. */
  wide?: true;
  sort?: Sort | "when";
}

const HEADINGS: Heading[] = [
  { name: "Run", class: "name", sort: "name" },
  { name: "State", class: "state", wide: true },
  { name: "Base", class: "base", wide: true },
  { name: "Data sets", class: "data", wide: true },
  { name: "Steps", class: "steps", wide: true, sort: "step" },
  { name: "Loss", class: "loss", sort: "loss" },
  { name: "Curve", class: "curve" },
  { name: "Changed", class: "when", wide: true, sort: "when" },
];

/** Runs as a table of which only the rows in sight are drawn. */
export function RunTable({ runs, sort, onSort, slots, onShow, focus, onFocus }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const phone = useMediaQuery("(max-width: 720px)", undefined, { getInitialValueInEffect: false });
  const rowPx = phone ? PHONE_ROW_PX : ROW_PX;
  const { virtual, onFocusCapture } = useRows(runs, box, rowPx);
  const items = virtual.getVirtualItems();
  const end = virtual.getTotalSize();
  return (
    // A region that scrolls is reached by keyboard, too.
    <div ref={box} className={classes.box} role="region" aria-label="Runs" tabIndex={0} onFocusCapture={onFocusCapture}>
      <table className={classes.table} aria-rowcount={runs.length + 1}>
        <thead className={classes.head}>
          <tr aria-rowindex={1}>
            <th scope="col" className={classes.pick}>
              <span className="spoken">Show curve</span>
            </th>
            {HEADINGS.filter(({ wide }) => !(wide && phone)).map((heading) => (
              <Head key={heading.name} heading={heading} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map(({ index, start, key }, at) => {
            const run = runs[index];
            const before = items[at - 1]?.end ?? 0;
            if (!run) return null;
            return (
              <Fragment key={key}>
                {start > before && <Gap height={start - before} />}
                <RunRow
                  run={run}
                  index={index}
                  height={rowPx}
                  slot={slots.get(run.name)}
                  full={slots.size >= MOST}
                  lit={focus === run.name}
                  phone={phone}
                  onShow={onShow}
                  onFocus={onFocus}
                />
              </Fragment>
            );
          })}
          {end > (items.at(-1)?.end ?? 0) && <Gap height={end - (items.at(-1)?.end ?? 0)} />}
        </tbody>
      </table>
    </div>
  );
}

/** The rows in sight, and the one that has the focus, so that it isn't lost by scrolling. */
function useRows(runs: Run[], box: React.RefObject<HTMLDivElement | null>, rowPx: number) {
  const [focused, setFocused] = useState<string | null>(null);
  const held = useMemo(() => runs.findIndex(({ name }) => name === focused), [runs, focused]);
  const rangeExtractor = useCallback(
    (range: Range) => {
      const drawn = defaultRangeExtractor(range);
      return held < 0 || held >= range.count || drawn.includes(held) ? drawn : [...drawn, held].sort((a, b) => a - b);
    },
    [held],
  );
  // eslint-disable-next-line react-hooks/incompatible-library -- no compiler memoizes here
  const virtual = useVirtualizer({
    count: runs.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowPx,
    getItemKey: (index) => runs[index]?.name ?? index,
    overscan: 8,
    rangeExtractor,
  });
  return {
    virtual,
    onFocusCapture: (event: React.FocusEvent) =>
      setFocused(event.target instanceof HTMLElement ? (event.target.closest<HTMLElement>("[data-run]")?.dataset.run ?? null) : null),
  };
}

function Head({ heading, sort, onSort }: { heading: Heading } & Pick<Props, "sort" | "onSort">) {
  const by = heading.sort;
  const active = by !== undefined && (sort ?? "when") === by;
  const order = by === "name" || by === "loss" ? "ascending" : "descending";
  return (
    <th scope="col" className={classes[heading.class]} aria-sort={active ? order : undefined}>
      {by === undefined ? (
        heading.name
      ) : (
        <button type="button" className={classes.sort} data-active={active || undefined} onClick={() => onSort(by === "when" ? undefined : by)}>
          {heading.name}
          <IconArrowDown size={14} aria-hidden className={classes.arrow} data-up={order === "ascending" || undefined} />
        </button>
      )}
    </th>
  );
}

/** Room for rows that aren't drawn. */
function Gap({ height }: { height: number }) {
  return (
    <tr aria-hidden style={{ height }}>
      {/* Of one column: on a phone there are fewer than headings, and a cell over more would make new ones. */}
      <td className={classes.gap} />
    </tr>
  );
}
