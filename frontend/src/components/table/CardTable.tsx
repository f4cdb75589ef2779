import "@mantine/core/styles/Table.layer.css";

import { Table } from "@mantine/core";
import type { ReactNode } from "react";

import classes from "./CardTable.module.css";

interface Props {
  /** What it is a table of, for those who listen. */
  label: string;
  /** Below this width it scrolls in its own box, in px; on a phone its rows are cards. */
  least: number;
  children: ReactNode;
}

/**
 * A table whose rows are cards on a phone: a cell's `data-label` is then what stands before it. A row after another with
 * `data-more` belongs to it.
 */
export function CardTable({ label, least, children }: Props) {
  return (
    <div className={classes.box} role="region" aria-label={label} tabIndex={0}>
      <Table className={classes.table} verticalSpacing={6} style={{ "--least": `${least}px` }}>
        {children}
      </Table>
    </div>
  );
}
