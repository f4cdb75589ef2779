import { useMutation, useQueryClient } from "@tanstack/react-query";

import { deploymentsQuery } from "@/client/queries/lists";
import { actOnEngine } from "@/client/queries/services";
import type { Deployment } from "@/client/types";

export interface EngineActing {
  ask: (action: "start" | "stop") => void;
  pending: boolean;
  error: Error | null;
}

/** Starting and stopping the engine of a served name. Names that share it change with it. */
export function useEngineAction({ name }: Pick<Deployment, "name">): EngineActing {
  const cache = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (action: "start" | "stop") => actOnEngine(name, action),
    onSettled: () => cache.invalidateQueries({ queryKey: deploymentsQuery.queryKey }),
  });
  return { ask: mutate, pending: isPending, error };
}
