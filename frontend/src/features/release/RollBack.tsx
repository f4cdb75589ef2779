import { Button, type ButtonProps } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { rollBack } from "@/client/queries/releases";
import type { Release } from "@/client/types";
import { ProblemAlert } from "@/components/problem/ProblemAlert";

import { switchTo } from "./served";

/** Makes a release the one that its name stands for. Nothing is made or lost, so it doesn't ask. */
export function RollBack({ release, current, ...button }: { release: Release; current: number | null } & ButtonProps) {
  const cache = useQueryClient();
  const change = useMutation({
    mutationFn: () => rollBack(release.name, release.number),
    onSuccess: () => Promise.all([cache.invalidateQueries({ queryKey: ["releases"] }), cache.invalidateQueries({ queryKey: ["deployments"] })]),
  });
  return (
    <>
      <Button variant="default" {...button} loading={change.isPending} onClick={() => change.mutate()}>
        {switchTo(release, current)}
      </Button>
      {change.error && <ProblemAlert error={change.error} />}
    </>
  );
}
