import { Button, Group, Modal, Skeleton, Stack } from "@mantine/core";
import { useMutation, useQuery, type UseQueryOptions } from "@tanstack/react-query";
import type { ReactNode } from "react";

import type { Deletion } from "@/client/types";
import { bytes } from "@/lib/format";

import { ProblemAlert } from "../problem/ProblemAlert";
import { Consequences } from "./Consequences";

interface Props {
  /** "Delete facts" */
  title: string;
  /** What deleting would do; asked when the dialog opens. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a query's key may be of any kind
  asks: UseQueryOptions<Deletion, Error, Deletion, any>;
  remove: () => Promise<unknown>;
  close: () => void;
  done: () => void;
  /** What stays, or else has to be known. */
  children?: ReactNode;
}

/** Asks before something is destroyed: what goes, what stops, what is in its way. */
export function ConfirmDeletion({ title, asks, remove, close, done, children }: Props) {
  const asked = useQuery({ ...asks, staleTime: 0, gcTime: 0, meta: { saysItself: true } });
  const removal = useMutation({ mutationFn: remove, onSuccess: done });
  const free = asked.data?.bytes;
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="md">
        {asked.error ? (
          <ProblemAlert error={asked.error} retry={() => void asked.refetch()} />
        ) : asked.data ? (
          <Consequences deletion={asked.data} />
        ) : (
          <Skeleton height={48} />
        )}
        {children}
        {removal.error && <ProblemAlert error={removal.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            Keep it
          </Button>
          <Button color="red" disabled={!asked.data?.possible} loading={removal.isPending} onClick={() => removal.mutate()}>
            {asked.data?.possible && free ? `Delete ${bytes(free)}` : "Delete"}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
