import { useMutation, useQueryClient } from "@tanstack/react-query";

import { actOnService, type ServiceAction } from "@/client/queries/services";
import { servicesQuery } from "@/client/queries/lists";
import type { Service } from "@/client/types";

const GOING: Record<ServiceAction, string> = { start: "starting", stop: "stopping", restart: "restarting" };

export interface Asked {
  action: ServiceAction;
  force: boolean;
}

export interface Acting {
  ask: (asked: Asked) => void;
  /** What is being done now, as a word. */
  pending: string | null;
  /** What was refused, and why. */
  refused: { asked: Asked; error: Error } | null;
  forget: () => void;
}

/** Starting and stopping a service. */
export function useServiceAction({ name }: Pick<Service, "name">): Acting {
  const cache = useQueryClient();
  const { mutate, reset, isPending, variables, error } = useMutation({
    mutationFn: ({ action, force }: Asked) => actOnService(name, action, force),
    onSuccess: (now) =>
      cache.setQueryData(
        servicesQuery.queryKey,
        (list) => list && { ...list, services: list.services.map((each) => (each.name === name ? now : each)) },
      ),
  });
  return {
    ask: mutate,
    pending: isPending ? GOING[variables.action] : null,
    refused: error ? { asked: variables, error } : null,
    forget: reset,
  };
}
