import { IconFile, IconFolder, IconLock } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useId, useRef, type KeyboardEvent } from "react";

import type { FileEntry } from "@/client/types";
import { bytes } from "@/lib/format";

import { Time } from "../Time";
import classes from "./FilePicker.module.css";
import { moved } from "./trail";

const ROW = 32;
const PAGE = 10;

const LOOKS: Record<NonNullable<FileEntry["holds"]>, string> = { model: "model", adapter: "adapter" };

interface Props {
  entries: FileEntry[];
  chosen: FileEntry | null;
  busy: boolean;
  choose: (entry: FileEntry) => void;
  open: (entry: FileEntry) => void;
  up: () => void;
  empty: string;
}

/** A list to choose one from: arrows move, Enter opens a folder or takes a file, Backspace goes up. */
export function Entries({ entries, chosen, busy, choose, open, up, empty }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  // eslint-disable-next-line react-hooks/incompatible-library -- the virtualizer's functions aren't memoised; this component is small
  const rows = useVirtualizer({ count: entries.length, getScrollElement: () => box.current, estimateSize: () => ROW, overscan: 12 });
  const at = chosen ? entries.indexOf(chosen) : -1;
  const pressed = (event: KeyboardEvent) => {
    const next = moved(event.key, at, entries.length, PAGE);
    const entry = next === null ? undefined : entries[next];
    if (entry && next !== null) {
      choose(entry);
      rows.scrollToIndex(next);
    } else if (event.key === "Enter" && chosen) open(chosen);
    else if (event.key === "Backspace") up();
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={box}
      className={classes.list}
      role="listbox"
      tabIndex={0}
      aria-label="Files and folders"
      aria-busy={busy}
      aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
      onKeyDown={pressed}
    >
      {entries.length === 0 && (
        <div className={classes.nothing} role="option" aria-selected={false} aria-disabled>
          {empty}
        </div>
      )}
      <div style={{ height: rows.getTotalSize() }} role="presentation">
        {rows.getVirtualItems().map(({ index, start }) => {
          const entry = entries[index];
          return (
            entry && (
              <Row
                key={entry.path}
                id={`${id}-${index}`}
                entry={entry}
                start={start}
                place={[index + 1, entries.length]}
                selected={index === at}
                choose={choose}
                open={open}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

interface RowProps extends Pick<Props, "choose" | "open"> {
  id: string;
  entry: FileEntry;
  start: number;
  place: [at: number, of: number];
  selected: boolean;
}

function Row({ id, entry, start, place, selected, choose, open }: RowProps) {
  const Icon = entry.closed ? IconLock : entry.folder ? IconFolder : IconFile;
  return (
    // Keys are the listbox's: it has the focus, and names this row as its active descendant.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={id}
      role="option"
      className={classes.entry}
      style={{ transform: `translateY(${start}px)` }}
      aria-selected={selected}
      aria-disabled={entry.closed || undefined}
      aria-setsize={place[1]}
      aria-posinset={place[0]}
      title={entry.closed ? `${entry.name} leads out of the allowed folders` : entry.name}
      onClick={() => (selected && entry.folder ? open(entry) : choose(entry))}
      onDoubleClick={() => !entry.folder && open(entry)}
    >
      <Icon size={18} aria-hidden />
      <span className={classes.name} dir="auto">
        {entry.name}
      </span>
      <span className={classes.facts}>
        {entry.holds && <span className={classes.looks}>{LOOKS[entry.holds]}</span>}
        {!entry.folder && <span>{bytes(entry.bytes)}</span>}
        <span className={classes.date}>
          <Time at={entry.modified_at} />
        </span>
      </span>
    </div>
  );
}
