import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, dataOf } from "../api";
import type { ReleaseRequest } from "../types";

/** What can be chosen for a release of this adapter. */
export const releaseOptionsQuery = (adapter: string) =>
  queryOptions({
    queryKey: ["releases", "options", adapter],
    queryFn: ({ signal }) => dataOf(api.GET("/api/releases:options", { params: { query: { adapter } }, signal })),
    enabled: adapter !== "",
    placeholderData: keepPreviousData,
    retry: false,
  });

/** What a release would run. The answer before stays while the next one comes. */
export const releasePlanQuery = (request: ReleaseRequest | null) =>
  queryOptions({
    queryKey: ["releases", "plan", request],
    queryFn: ({ signal }) => dataOf(api.POST("/api/releases:plan", { body: request as ReleaseRequest, signal })),
    enabled: request !== null,
    placeholderData: keepPreviousData,
    staleTime: 5_000,
    gcTime: 60_000,
    retry: false,
    meta: { saysItself: true },
  });

export const servedQuery = (name: string) =>
  queryOptions({
    queryKey: ["releases", "one", name],
    queryFn: ({ signal }) => dataOf(api.GET("/api/releases/{name}", { params: { path: { name } }, signal })),
  });

export const makeRelease = (request: ReleaseRequest) => dataOf(api.POST("/api/releases", { body: request }));

/** `to`: a release's number. */
export const rollBack = (name: string, to: number) =>
  dataOf(api.POST("/api/releases/{name}:rollback", { params: { path: { name } }, body: { to } }));

export const startEngine = (name: string) =>
  dataOf(api.POST("/api/deployments/{name}:start", { params: { path: { name } } }));

export const stopEngine = (name: string) => dataOf(api.POST("/api/deployments/{name}:stop", { params: { path: { name } } }));

/** What deleting a served name, or one of its releases, would do. */
export const releaseDeletionQuery = (name: string, number?: number) =>
  queryOptions({
    queryKey: ["releases", "deletion", name, number ?? "all"],
    queryFn: ({ signal }) =>
      number === undefined
        ? dataOf(api.GET("/api/releases/{name}/dependants", { params: { path: { name } }, signal }))
        : dataOf(api.GET("/api/releases/{name}/{number}/dependants", { params: { path: { name, number } }, signal })),
  });

export const deleteRelease = (name: string, number?: number) =>
  number === undefined
    ? dataOf(api.DELETE("/api/releases/{name}", { params: { path: { name } } }))
    : dataOf(api.DELETE("/api/releases/{name}/{number}", { params: { path: { name, number } } }));

/** How a release compared with what was trained, chat by chat. */
export const releaseParityQuery = (name: string, number: number) =>
  queryOptions({
    queryKey: ["parity", name, number],
    queryFn: ({ signal }) => dataOf(api.GET("/api/releases/{name}/{number}/parity", { params: { path: { name, number } }, signal })),
    staleTime: Infinity,
  });
