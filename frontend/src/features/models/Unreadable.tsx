import { IconAlertTriangle } from "@tabler/icons-react";

import { plural } from "@/lib/format";

import classes from "./Unreadable.module.css";

/** Folders that couldn't be looked into: what is in them is missing above. */
export function Unreadable({ folders }: { folders: readonly string[] }) {
  if (folders.length === 0) return null;
  return (
    <details className={classes.unreadable}>
      <summary>
        <IconAlertTriangle size={16} aria-hidden /> {plural(folders.length, "folder")} can’t be read, so what is in{" "}
        {folders.length === 1 ? "it" : "them"} isn’t shown
      </summary>
      <ul>
        {folders.map((folder) => (
          <li key={folder}>{folder}</li>
        ))}
      </ul>
    </details>
  );
}
