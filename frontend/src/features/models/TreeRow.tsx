import { IconAlertTriangle, IconChevronRight } from "@tabler/icons-react";
import { memo, type CSSProperties } from "react";

import { ServingBadge } from "@/components/state/State";
import { bytes, exact, plural, relative, UNKNOWN } from "@/lib/format";
import { useNow } from "@/lib/useNow";

import { KindIcon } from "./KindIcon";
import { NodeName } from "./NodeName";
import classes from "./Tree.module.css";
import type { TreeNode } from "./tree";
import type { Row } from "./walk";
import { kindWord } from "./words";

interface Props {
  row: Row;
  index: number;
  top: number;
  active: boolean;
  fold: (key: string, open: boolean) => void;
}

export const TreeRow = memo(function TreeRow({ row, index, top, active, fold }: Props) {
  const { node, level, open } = row;
  return (
    <div
      role="row"
      aria-level={level}
      aria-posinset={row.place}
      aria-setsize={row.siblings}
      aria-expanded={open ?? undefined}
      // The head is the first row.
      aria-rowindex={index + 2}
      tabIndex={active ? 0 : -1}
      data-index={index}
      data-key={node.key}
      data-dim={!row.fits || undefined}
      data-group={node.kind === "group" || undefined}
      className={classes.row}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div role="gridcell" className={classes.cell} data-column={0}>
        <span className={classes.name} style={{ "--level": level - 1 } as CSSProperties}>
          <Fold node={node} open={open} fold={fold} />
          <KindIcon kind={node.kind} />
          <NodeName node={node} className={classes.link} />
          {node.deployment && (
            <span className={classes.state}>
              <ServingBadge state={node.deployment.state} />
            </span>
          )}
          {node.problems.length > 0 && <Problems node={node} />}
        </span>
      </div>
      <div role="gridcell" className={classes.cell} data-column={1}>
        {kindWord(node.kind)}
      </div>
      <div role="gridcell" className={classes.cell} data-column={2} title={node.note}>
        {node.note}
      </div>
      <div role="gridcell" className={classes.cell} data-column={3}>
        {node.bytes === null ? <InOllama node={node} /> : bytes(node.bytes)}
      </div>
      <div role="gridcell" className={classes.cell} data-column={4}>
        {node.children.length > 0 ? <span title={`${plural(node.below, "thing")} below`}>{bytes(node.total)}</span> : null}
      </div>
      <div role="gridcell" className={classes.cell} data-column={5}>
        {node.at ? <When at={node.at} /> : null}
      </div>
    </div>
  );
});

/** A time without a tooltip of its own: rows come and go by the hundred while one scrolls. */
function When({ at }: { at: string }) {
  return (
    <time dateTime={at} title={exact(at)}>
      {relative(at, useNow())}
    </time>
  );
}

/** For the mouse; by keyboard the row folds. */
function Fold({ node, open, fold }: Pick<Props, "fold"> & { node: TreeNode; open: boolean | null }) {
  if (open === null) return <span className={classes.fold} />;
  return (
    <button
      type="button"
      tabIndex={-1}
      className={classes.fold}
      data-open={open || undefined}
      aria-label={`${open ? "Fold" : "Unfold"} ${node.name}`}
      onClick={() => fold(node.key, !open)}
    >
      <IconChevronRight size={16} aria-hidden />
    </button>
  );
}

function Problems({ node }: { node: TreeNode }) {
  return (
    <span className={classes.problem} title={node.problems.join("\n")}>
      <IconAlertTriangle size={16} aria-hidden />
      <span className={classes.problemWord}>can’t be used</span>
    </span>
  );
}

/** A served name has no bytes in this home; what lies in Ollama's own folder is said as such. */
function InOllama({ node }: { node: TreeNode }) {
  if (node.kind !== "served") return node.kind === "group" || node.kind === "run" ? null : UNKNOWN;
  return node.deployment?.bytes ? <span title="In Ollama’s own folder">{bytes(node.deployment.bytes)}*</span> : null;
}
