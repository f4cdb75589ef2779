import { Link } from "@tanstack/react-router";

import { bytes } from "@/lib/format";

import { Time } from "../Time";
import classes from "./SavedTable.module.css";

export interface Saved {
  /** The artifact's. */
  id: string;
  what: string;
  bytes: number | null | undefined;
  at: string | null | undefined;
}

/** What a training has saved: an adapter, its checkpoints. Each can be looked at and released. */
export function SavedTable({ label, rows }: { label: string; rows: readonly Saved[] }) {
  return (
    <div className={classes.scroll} role="region" aria-label={label} tabIndex={0}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Size</th>
            <th scope="col">Saved</th>
            <th scope="col">
              <span className="spoken">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td>
                <Link to="/models/$" params={{ _splat: row.id }}>
                  {row.what}
                </Link>
              </td>
              <td>{bytes(row.bytes)}</td>
              <td>
                <Time at={row.at} />
              </td>
              <td className={classes.verbs}>
                <Link to="/release" search={{ adapter: row.id }} aria-label={`Release: ${row.what}`}>
                  Release
                </Link>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
