import type { Estimate } from "@/client/types";
import { about, bytes, duration } from "@/lib/format";

export function seconds(estimate: Estimate): string {
  return about(estimate.seconds);
}

/** "between 3 s and 8 s": what a guess may be off by; empty where nothing is known of that. */
export function range({ seconds_low: low, seconds_high: high }: Estimate): string {
  return low == null || high == null || high - low < 1 ? "" : `between ${duration(low)} and ${duration(high)}`;
}

/** How disk and memory were estimated, and how the time was; empty when nobody says. */
export function basisOf(estimate: Estimate): string {
  const time = [range(estimate), estimate.seconds_basis ?? ""].filter(Boolean).join(", ");
  return [estimate.basis, time && `time: ${time}`].filter(Boolean).join("; ");
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
