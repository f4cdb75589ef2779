import { Skeleton, Stack } from "@mantine/core";

/** Lines where the tree will be. */
export function Loading() {
  return (
    <Stack gap={8} aria-hidden>
      {Array.from({ length: 10 }, (_, index) => (
        <Skeleton key={index} height={28} width={`${100 - (index % 3) * 12}%`} />
      ))}
    </Stack>
  );
}
