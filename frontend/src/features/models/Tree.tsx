import { defaultRangeExtractor, useVirtualizer, type Range } from "@tanstack/react-virtual";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";

import { addressOf } from "./NodeName";
import classes from "./Tree.module.css";
import { TreeRow } from "./TreeRow";
import { moveBy, type Row } from "./walk";

const ROW_PX = 36;
const COLUMNS = ["Name", "Kind", "What", "Size", "With all below", "Changed"] as const;

interface Props {
  rows: Row[];
  fold: (key: string, open: boolean) => void;
}

/** The tree as a treegrid: only rows in sight are drawn, one row is in the tab order, arrows walk and fold. */
export function Tree({ rows, fold }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const { active, activate, virtual } = useActiveRow(rows, box);
  const open = useOpenRow();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !(event.target instanceof HTMLElement)) return;
    const row = rows[active];
    if (event.key === "Enter" && event.target.role === "row" && row) {
      if (row.node.kind === "group") fold(row.node.key, !row.open);
      else open(row);
      return;
    }
    const move = moveBy(event.key, rows, active);
    if (!move) return;
    event.preventDefault();
    if ("fold" in move) fold(move.fold, move.open);
    else activate(move.to);
  };
  return (
    <div
      ref={box}
      role="treegrid"
      aria-label="Models"
      aria-rowcount={rows.length + 1}
      className={classes.tree}
      onKeyDown={onKeyDown}
      // The rows inside are what is reached by Tab.
      tabIndex={-1}
    >
      <div role="rowgroup" className={classes.head}>
        <div role="row" aria-rowindex={1} className={classes.row}>
          {COLUMNS.map((name, index) => (
            <div key={name} role="columnheader" className={classes.cell} data-column={index}>
              {name}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className={classes.rows} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          return row ? <TreeRow key={row.node.key} row={row} index={index} top={start} active={index === active} fold={fold} /> : null;
        })}
      </div>
    </div>
  );
}

/** The one row that Tab leads to. It stays drawn wherever one scrolls, so that the focus isn't lost. */
function useActiveRow(rows: Row[], box: React.RefObject<HTMLDivElement | null>) {
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const toFocus = useRef(false);
  const active = useMemo(() => Math.max(0, rows.findIndex(({ node }) => node.key === activeKey)), [rows, activeKey]);
  const rangeExtractor = useCallback(
    (range: Range) => {
      const drawn = defaultRangeExtractor(range);
      return drawn.includes(active) || active >= range.count ? drawn : [...drawn, active].sort((a, b) => a - b);
    },
    [active],
  );
  // A new function each time would have all rows measured again with each scroll.
  const getItemKey = useCallback((index: number) => rows[index]?.node.key ?? index, [rows]);
  // eslint-disable-next-line react-hooks/incompatible-library -- no compiler memoizes here
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    getItemKey,
    overscan: 8,
    // The head stays above the rows.
    paddingStart: ROW_PX,
    scrollPaddingStart: ROW_PX,
    rangeExtractor,
  });
  useEffect(() => {
    if (!toFocus.current) return;
    toFocus.current = false;
    virtual.scrollToIndex(active, { align: "auto" });
    box.current?.querySelector<HTMLElement>(`[role="row"][data-index="${active}"]`)?.focus({ preventScroll: true });
  });
  const activate = (index: number) => {
    toFocus.current = true;
    setActiveKey(rows[index]?.node.key ?? null);
  };
  useEffect(() => {
    const element = box.current;
    const note = ({ target }: FocusEvent) => {
      const key = target instanceof HTMLElement ? target.closest<HTMLElement>("[data-key]")?.dataset.key : undefined;
      if (key !== undefined) setActiveKey(key);
    };
    element?.addEventListener("focusin", note);
    return () => element?.removeEventListener("focusin", note);
  }, [box]);
  return { active, activate, virtual };
}

function useOpenRow() {
  const navigate = useNavigate();
  return ({ node }: Row) => {
    const address = addressOf(node);
    if (address) void navigate(address);
  };
}
