import { IconChevronRight } from "@tabler/icons-react";
import { useId, useState } from "react";

import { bytes, plural } from "@/lib/format";

import { below, rest, shares, type Part } from "./disk";
import classes from "./System.module.css";

/** One part of the disk's use; it opens to its largest entries. */
export function DiskPart({ part, most }: { part: Part; most: number }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const others = rest(part);
  return (
    <li className={classes.part}>
      <button type="button" className={classes.partHead} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <IconChevronRight size={16} aria-hidden data-open={open || undefined} />
        <span>{part.part}</span>
        <span className={classes.size}>{bytes(part.bytes)}</span>
        <span className={classes.share} aria-hidden>
          <span style={{ width: `${most ? Math.max(1, (100 * part.bytes) / most) : 0}%` }} />
        </span>
      </button>
      <div id={id} hidden={!open} className={classes.entries}>
        <p>
          <code className={classes.path}>{part.path}</code>, {plural(part.files, "file")}
          {shares(part.alone, part.bytes) && "; they share files by hard links, so together they take less than their sum"}
        </p>
        <ul>
          {part.entries.map((each) => (
            <li key={each.path}>
              <span className={classes.path}>{below(part.path, each.path)}</span>
              <span className={classes.size}>{bytes(each.bytes)}</span>
            </li>
          ))}
          {others && (
            <li>
              <span className={classes.dim}>{plural(others.files, "file")} in smaller entries</span>
              <span className={classes.size}>{bytes(others.bytes)}</span>
            </li>
          )}
        </ul>
      </div>
    </li>
  );
}
