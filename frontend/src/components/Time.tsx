import { Tooltip } from "@mantine/core";

import { duration, exact, relative, UNKNOWN } from "@/lib/format";
import { useNow } from "@/lib/useNow";

/** A time as "4 min ago", with the exact one on hover. */
export function Time({ at }: { at: string | null | undefined }) {
  const now = useNow();
  if (!at) return <>{UNKNOWN}</>;
  return (
    <Tooltip label={exact(at)} openDelay={300} withinPortal>
      <time dateTime={at}>{relative(at, now)}</time>
    </Tooltip>
  );
}

/** How long something took, or has taken so far. */
export function Took({ from, to }: { from: string | null | undefined; to: string | null | undefined }) {
  return from && !to ? <SoFar from={from} /> : <>{from && to ? duration((Date.parse(to) - Date.parse(from)) / 1000) : UNKNOWN}</>;
}

function SoFar({ from }: { from: string }) {
  const now = useNow();
  return <>{duration(Math.max(0, Math.round((now - Date.parse(from)) / 1000)))}</>;
}
