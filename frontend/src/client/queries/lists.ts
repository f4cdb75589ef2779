import { queryOptions } from "@tanstack/react-query";

import { api, dataOf } from "../api";

/** Lists that the event stream keeps right: fetched once, and again after the stream was away. */
export const servicesQuery = queryOptions({
  queryKey: ["services"],
  queryFn: ({ signal }) => dataOf(api.GET("/api/services", { signal })),
});

export const serviceQuery = (name: string) =>
  queryOptions({
    queryKey: ["services", name],
    queryFn: ({ signal }) => dataOf(api.GET("/api/services/{name}", { params: { path: { name } }, signal })),
  });

export const deploymentsQuery = queryOptions({
  queryKey: ["deployments"],
  queryFn: ({ signal }) => dataOf(api.GET("/api/deployments", { signal })),
});

export const artifactsQuery = queryOptions({
  queryKey: ["artifacts"],
  queryFn: ({ signal }) => dataOf(api.GET("/api/artifacts", { signal })),
});

export const datasetsQuery = queryOptions({
  queryKey: ["datasets"],
  queryFn: ({ signal }) => dataOf(api.GET("/api/datasets", { signal })),
});

export const runsQuery = queryOptions({
  queryKey: ["runs"],
  queryFn: ({ signal }) => dataOf(api.GET("/api/runs", { signal })),
});

export const releasesQuery = queryOptions({
  queryKey: ["releases"],
  queryFn: ({ signal }) => dataOf(api.GET("/api/releases", { signal })),
});

export const toolboxesQuery = queryOptions({
  queryKey: ["toolboxes"],
  queryFn: ({ signal }) => dataOf(api.GET("/api/toolboxes", { signal })),
});

export const doctorQuery = queryOptions({
  queryKey: ["doctor"],
  queryFn: ({ signal }) => dataOf(api.GET("/api/system/doctor", { signal })),
  staleTime: 30_000,
});

export const systemQuery = queryOptions({
  queryKey: ["system"],
  queryFn: ({ signal }) => dataOf(api.GET("/api/system", { signal })),
  staleTime: 60_000,
});
