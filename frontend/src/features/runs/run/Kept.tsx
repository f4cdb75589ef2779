import { useQuery } from "@tanstack/react-query";

import { artifactsQuery } from "@/client/queries/lists";
import type { Run } from "@/client/types";
import { Section } from "@/components/page/Page";
import { SavedTable } from "@/components/saved/SavedTable";
import { count } from "@/lib/format";

import classes from "./Kept.module.css";

interface Row {
  id: string;
  what: string;
}

/** The adapter, then the checkpoints, the latest first. */
export function keptOf(run: Pick<Run, "adapter" | "checkpoints">): Row[] {
  const checkpoints = run.checkpoints.map((id) => ({ id, what: `Step ${count(Number(/(\d+)$/.exec(id)?.[1] ?? NaN))}` })).reverse();
  return run.adapter ? [{ id: run.adapter, what: "The finished adapter" }, ...checkpoints] : checkpoints;
}

/** What a training has saved: each can be released. */
export function Kept({ run, running }: { run: Run; running: boolean }) {
  const { data } = useQuery(artifactsQuery);
  const known = new Map(data?.artifacts.map((artifact) => [artifact.id, artifact]));
  const rows = keptOf(run).map((row) => ({ ...row, bytes: known.get(row.id)?.bytes, at: known.get(row.id)?.modified_at }));
  return (
    <Section title="Adapter and checkpoints">
      {rows.length === 0 ? (
        <p className={classes.none}>{running ? "The first checkpoint is still to come." : "It saved nothing that could be released."}</p>
      ) : (
        <SavedTable label="Table of adapter and checkpoints" rows={rows} />
      )}
    </Section>
  );
}
