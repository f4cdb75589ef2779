import { Button, Group, Modal, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { startEngine, stopEngine } from "@/client/queries/releases";
import type { Deployment } from "@/client/types";
import { ProblemAlert } from "@/components/problem/ProblemAlert";

import { interrupted } from "./served";

/** Starts a stopped engine, and stops one that runs; asks first when somebody would notice. */
export function EngineSwitch({ deployment, all }: { deployment: Deployment; all: Deployment[] }) {
  const cache = useQueryClient();
  const [asks, setAsks] = useState(false);
  const runs = deployment.state === "ready" || deployment.state === "starting";
  const change = useMutation({
    mutationFn: () => (runs ? stopEngine(deployment.name) : startEngine(deployment.name)),
    onSettled: () => {
      setAsks(false);
      return cache.invalidateQueries({ queryKey: ["deployments"] });
    },
  });
  const loss = runs ? interrupted(deployment, all) : "";
  return (
    <>
      <Button variant="default" loading={change.isPending} onClick={() => (loss ? setAsks(true) : change.mutate())}>
        {runs ? "Stop engine" : "Start engine"}
      </Button>
      {change.error && <ProblemAlert error={change.error} />}
      <Modal opened={asks} onClose={() => setAsks(false)} title={`Stop the engine of ${deployment.name}`} closeButtonProps={{ "aria-label": "Close" }}>
        <Stack gap="md">
          <p style={{ margin: 0 }}>{loss}</p>
          <Group justify="flex-end">
            <Button variant="default" data-autofocus onClick={() => setAsks(false)}>
              Let it run
            </Button>
            <Button color="red" loading={change.isPending} onClick={() => change.mutate()}>
              Stop engine
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
