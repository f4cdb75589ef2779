import { Button, Group, Modal, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";

import { cancelJob } from "@/client/queries/jobs";
import type { Job, Run } from "@/client/types";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { count, plural } from "@/lib/format";

/** Asks before a training ends that can't go on again. */
export function StopRun({ run, job, close }: { run: Run; job: Job; close: () => void }) {
  const stop = useMutation({ mutationFn: () => cancelJob(job.id), onSuccess: close });
  const kept = run.checkpoints.length;
  return (
    <Modal opened onClose={close} title={`Stop training ${run.name}`} closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="md">
        <p style={{ margin: 0 }}>
          {run.step ? `It stands at step ${count(run.step)}${run.total_steps ? ` of ${count(run.total_steps)}` : ""}. ` : ""}
          {kept ? `What it learned up to its ${plural(kept, "checkpoint")} stays and can be released.` : "It has saved no checkpoint yet: what it learned is lost."}
        </p>
        {stop.error && <ProblemAlert error={stop.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            Go on
          </Button>
          <Button color="red" loading={stop.isPending} onClick={() => stop.mutate()}>
            Stop training
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
