import { Button, Checkbox, Skeleton, TextInput, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { filesQuery } from "@/client/queries/files";
import type { FileEntry, FileListing } from "@/client/types";
import { bytes, plural } from "@/lib/format";

import { ProblemAlert } from "../problem/ProblemAlert";
import { Entries } from "./Entries";
import classes from "./FilePicker.module.css";
import { isPath, named, trail, within } from "./trail";

export interface Picking {
  kind: "folder" | "file";
  /** Only files that end so, such as `.jsonl`. */
  suffix?: string[];
  /** Where to begin; the home without one. */
  start?: string;
  /** The words of the button. */
  verb?: string;
  onPick: (path: string, entry: FileEntry | null) => void;
}

/** The dialog's content: where we are, what is there, what is chosen. */
export function Browser({ kind, suffix, start = "", verb, onPick }: Picking) {
  const [path, setPath] = useState(start);
  const [hidden, setHidden] = useState(false);
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState<FileEntry | null>(null);
  const { data, error, refetch, isPlaceholderData } = useQuery(filesQuery({ path, kind, suffix, hidden }));
  const go = (next: string) => {
    setPath(next);
    setTyped("");
    setChosen(null);
  };
  const open = (entry: FileEntry) => {
    if (entry.closed) return;
    if (entry.folder) go(entry.path);
    else onPick(entry.path, entry);
  };
  const entries = data && !isPath(typed) ? named(data.entries, typed) : [];
  return (
    <div className={classes.picker}>
      {data && <Where listing={data} go={go} />}
      <div className={classes.bar}>
        <PathOrFilter
          key={path}
          typed={typed}
          type={(text) => {
            setTyped(text);
            setChosen(null);
          }}
          go={go}
        />
        <Checkbox label="Hidden ones too" checked={hidden} onChange={(event) => setHidden(event.currentTarget.checked)} />
      </div>
      {error ? (
        <ProblemAlert
          error={error}
          retry={() => void refetch()}
          action={
            <Button size="compact-sm" onClick={() => go("")}>
              To the home folder
            </Button>
          }
        />
      ) : data ? (
        <Entries
          key={data.path}
          entries={entries}
          chosen={chosen}
          busy={isPlaceholderData}
          choose={setChosen}
          open={open}
          up={() => data.parent && go(data.parent)}
          empty={isPath(typed) ? `Enter opens ${typed.trim()}` : typed ? "Nothing here has this name." : kind === "folder" ? "No folders are in here." : "No such files are in here."}
        />
      ) : (
        <Skeleton height={380} />
      )}
      {data?.cut && <p>{`The first ${plural(data.entries.length, "entry", "entries")} of ${data.total} are listed.`}</p>}
      <Foot kind={kind} listing={error || isPath(typed) ? undefined : data} chosen={chosen} verb={verb} onPick={onPick} />
    </div>
  );
}

function Where({ listing, go }: { listing: FileListing; go: (path: string) => void }) {
  const crumbs = trail(listing.path, listing.roots);
  const others = listing.roots.filter((root) => !within(listing.path, root));
  return (
    <>
      <nav aria-label="Folder">
        <ol className={classes.trail}>
          {crumbs.map((crumb, index) => (
            <li key={crumb.path}>
              <UnstyledButton
                className={classes.crumb}
                dir="auto"
                aria-current={index === crumbs.length - 1 ? "location" : undefined}
                onClick={() => go(crumb.path)}
              >
                {crumb.label}
              </UnstyledButton>
            </li>
          ))}
        </ol>
      </nav>
      {others.length > 0 && (
        <div className={classes.roots}>
          <span>Also allowed:</span>
          {others.map((root) => (
            <UnstyledButton key={root} className={classes.crumb} onClick={() => go(root)}>
              {root}
            </UnstyledButton>
          ))}
        </div>
      )}
    </>
  );
}

/** Filters by name while typing; a path that is typed or pasted leads there with Enter. */
function PathOrFilter({ typed, type, go }: { typed: string; type: (text: string) => void; go: (path: string) => void }) {
  return (
    <TextInput
      className={classes.find}
      aria-label="Filter by name, or a path to go to"
      placeholder="Filter by name, or paste a path"
      description={isPath(typed) ? "Enter goes there." : undefined}
      value={typed}
      data-autofocus
      spellCheck={false}
      onChange={(event) => type(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !isPath(typed)) return;
        event.preventDefault();
        go(typed.trim());
      }}
    />
  );
}

function Foot({ kind, listing, chosen, verb, onPick }: Pick<Picking, "kind" | "verb" | "onPick"> & { listing?: FileListing; chosen: FileEntry | null }) {
  // A folder is picked by standing in it, too.
  const fits = chosen && !chosen.closed && chosen.folder === (kind === "folder") ? chosen : null;
  const path = fits?.path ?? (kind === "folder" ? listing?.path : undefined);
  return (
    <div className={classes.foot}>
      <span className={classes.chosen} dir="auto" aria-live="polite">
        {path ?? "Nothing is chosen."}
        {fits?.bytes != null && ` · ${bytes(fits.bytes)}`}
      </span>
      <Button disabled={path === undefined} onClick={() => path !== undefined && onPick(path, fits)}>
        {verb ?? (kind === "folder" ? "Take this folder" : "Take this file")}
      </Button>
    </div>
  );
}
