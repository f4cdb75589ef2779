import type { QueryClient } from "@tanstack/react-query";

import { jobKeys, latestJobs } from "@/client/queries/jobs";
import {
  artifactsQuery,
  datasetsQuery,
  deploymentsQuery,
  releasesQuery,
  runsQuery,
  servicesQuery,
} from "@/client/queries/lists";
import { machineQuery } from "@/client/queries/machine";

/**
 * Ask for what Home can't be drawn without, before it is drawn. What fails is asked again by what shows it; the doctor, and the lines of
 * the last ten minutes, come after.
 */
export function askForHome(cache: QueryClient): void {
  const asked = [
    askForJobs(cache),
    cache.query(servicesQuery),
    cache.query(machineQuery),
    cache.query(datasetsQuery),
    cache.query(runsQuery),
    cache.query(artifactsQuery),
    cache.query(releasesQuery),
    cache.query(deploymentsQuery),
  ];
  void Promise.allSettled(asked);
}

/** Until the stream's first snapshot; what it says is newer than any answer. */
async function askForJobs(cache: QueryClient): Promise<void> {
  if (cache.getQueryData(jobKeys.live)) return;
  const jobs = await latestJobs();
  cache.setQueryData(jobKeys.live, (known) => known ?? jobs);
}
