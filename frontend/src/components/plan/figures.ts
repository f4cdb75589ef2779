import type { Estimate } from "@/client/types";
import { about, between, bytes } from "@/lib/format";

/** What the time may be, "2 to 5 min"; one value where both ends read the same, or nobody knows how far off it may be. */
export function seconds(estimate: Estimate): string {
  const { seconds: middle, seconds_low: low, seconds_high: high } = estimate;
  return low == null || high == null ? about(middle) : between(low, high);
}

/** How disk and memory were estimated, and how the time was; empty when nobody says. */
export function basisOf(estimate: Estimate): string {
  return [estimate.basis, estimate.seconds_basis && `time: ${estimate.seconds_basis}`].filter(Boolean).join("; ");
}

/** What a step is predicted to need; nothing is said of what isn't known. */
export function figures(estimate: Estimate): string {
  const parts = [
    estimate.disk_bytes == null ? "" : `${bytes(estimate.disk_bytes)} disk`,
    estimate.memory_bytes == null ? "" : `${bytes(estimate.memory_bytes)} memory`,
    estimate.seconds == null ? "" : seconds(estimate),
  ];
  return parts.filter(Boolean).join(" · ");
}
