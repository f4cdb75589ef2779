import type { Service } from "@/client/types";
import { webAddress } from "@/lib/address";

/** TensorBoard's page with only this run's curves; null where there is no page to lead to. */
export function tensorboardPage(service: Pick<Service, "page" | "state"> | undefined, run: string): string | null {
  const page = webAddress(service?.page);
  if (page === null || service?.state !== "ready") return null;
  // A run's folder has its curves in one below.
  const pattern = `^${run.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(/|$)`;
  return `${page.replace(/\/$/, "")}/#timeseries&regexInput=${encodeURIComponent(pattern)}`;
}
