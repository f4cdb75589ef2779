import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";

/** While `active`, leaving asks: the browser for closing and reloading, a dialog of ours for going elsewhere in the page. */
export function AskBeforeLeaving({ active, what }: { active: boolean; what: string }) {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: () => active,
    enableBeforeUnload: active,
    withResolver: true,
  });
  if (status !== "blocked") return null;
  return (
    <Modal opened onClose={reset} title="Break it off?" closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="md">
        <Text>{what}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={proceed}>
            Break it off
          </Button>
          <Button onClick={reset} data-autofocus>
            Go on
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
