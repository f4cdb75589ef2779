import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import type { Columns } from "@/client/columns";
import { columnsQuery, curvesMark } from "@/client/queries/runs";
import type { Run } from "@/client/types";

export interface RunColumns {
  name: string;
  /** Undefined while it is read. */
  columns: Columns | undefined;
  error: Error | null;
}

/** The metrics of these runs, read on whenever the stream of events says that one of them has more. */
export function useCurves(names: readonly string[], runs: readonly Run[]): RunColumns[] {
  const cache = useQueryClient();
  const known = new Map(runs.map((run) => [run.name, run]));
  const marks = useRef(new Map<string, string>());
  useEffect(() => {
    for (const name of names) {
      const run = known.get(name);
      if (!run) continue;
      const mark = curvesMark(run);
      const before = marks.current.get(name);
      marks.current.set(name, mark);
      if (before !== undefined && before !== mark) void cache.invalidateQueries({ queryKey: ["columns", name] });
    }
  });
  return useQueries({
    queries: names.map((name) => columnsQuery(name, known.get(name))),
    combine: (results) =>
      results.map(({ data, error }, index) => ({ name: names[index] ?? "", columns: data, error })),
  });
}
