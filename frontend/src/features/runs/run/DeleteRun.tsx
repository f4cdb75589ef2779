import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { runsQuery } from "@/client/queries/lists";
import { deleteRun, runDeletion } from "@/client/queries/runs";
import type { Run } from "@/client/types";
import { ConfirmDeletion } from "@/components/deletion/ConfirmDeletion";

/** Says what goes with a run's folder, and what keeps it, before it goes. */
export function DeleteRun({ run, close }: { run: Run; close: () => void }) {
  const navigate = useNavigate();
  const cache = useQueryClient();
  return (
    <ConfirmDeletion
      title={`Delete ${run.name}`}
      asks={{ queryKey: ["deletion", "run", run.name], queryFn: ({ signal }) => runDeletion(run.name, signal) }}
      remove={() => deleteRun(run.name)}
      close={close}
      done={() => {
        cache.setQueryData(runsQuery.queryKey, (list) => list && { ...list, runs: list.runs.filter(({ name }) => name !== run.name) });
        void navigate({ to: "/runs" });
      }}
    />
  );
}
