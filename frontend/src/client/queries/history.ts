import { queryOptions } from "@tanstack/react-query";

import { api, dataOf } from "../api";
import { serverNow } from "../clock";
import { samplesOf, type Sample } from "../history";
import type { Service } from "../types";

export const historyKeys = {
  machine: ["history", "machine"] as const,
  service: (name: string) => ["history", "service", name] as const,
};

/** Ten minutes of a service's load: fetched once, then lengthened by the stream of events; again after the page was hidden. */
export const serviceHistoryQuery = (name: string) =>
  queryOptions<Sample[]>({
    queryKey: historyKeys.service(name),
    queryFn: async ({ signal }) => {
      const { history } = await dataOf(api.GET("/api/services/{name}", { params: { path: { name } }, signal }));
      const { every_seconds, ...rows } = history;
      return samplesOf(every_seconds, rows, serverNow());
    },
    refetchOnWindowFocus: true,
  });

/** A service's record as one more sample of its history. */
export function sampleOfService(service: Pick<Service, "cpu_percent" | "memory_bytes">): Sample {
  const { cpu_percent = null, memory_bytes = null } = service;
  return { at: serverNow(), values: { cpu_percent, memory_bytes } };
}
