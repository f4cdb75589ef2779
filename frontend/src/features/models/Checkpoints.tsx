import type { Artifact } from "@/client/types";
import { Section } from "@/components/page/Page";
import { SavedTable } from "@/components/saved/SavedTable";
import { count } from "@/lib/format";

/** The states that the run kept on its way, the latest first. */
export function Checkpoints({ of, artifacts }: { of: Artifact; artifacts: readonly Artifact[] }) {
  const kept = artifacts
    .filter(({ run, checkpoint, id }) => run != null && run === of.run && checkpoint != null && id !== of.id)
    .sort((a, b) => (b.checkpoint ?? 0) - (a.checkpoint ?? 0));
  if (kept.length === 0) return null;
  const rows = kept.map(({ id, checkpoint, bytes, modified_at }) => ({ id, what: `Step ${count(checkpoint)}`, bytes, at: modified_at }));
  return (
    <Section title={of.checkpoint == null ? "Checkpoints" : "Other checkpoints of this run"}>
      <SavedTable label="Table of checkpoints" rows={rows} />
    </Section>
  );
}
