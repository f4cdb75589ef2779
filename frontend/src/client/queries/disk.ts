import { queryOptions } from "@tanstack/react-query";

import { api, dataOf } from "../api";

/** Where the bytes are. It walks the disk, so it isn't asked for without need. */
export const diskUseQuery = queryOptions({
  queryKey: ["disk", "use"],
  queryFn: ({ signal }) => dataOf(api.GET("/api/system/du", { signal })),
  staleTime: 5 * 60_000,
});

/** What could be removed; nothing is touched. */
export const leftoversQuery = queryOptions({
  queryKey: ["disk", "leftovers"],
  queryFn: ({ signal }) => dataOf(api.GET("/api/system/clean", { signal })),
  staleTime: 0,
});

export const removeLeftovers = () => dataOf(api.POST("/api/system:clean"));
