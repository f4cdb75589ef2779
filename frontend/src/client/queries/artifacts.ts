import { queryOptions } from "@tanstack/react-query";

import { api, dataOf } from "../api";
import type { components } from "../schema";

export type ModelRequest = components["schemas"]["ModelRequest"];

/** An artifact with what it was made from and what came of it. Old as soon as any artifact changes. */
export const artifactQuery = (id: string) =>
  queryOptions({
    queryKey: ["lineage", id],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/artifacts/{artifact_id}", { params: { path: { artifact_id: id } }, signal })),
  });

/** Bring a base model in; the answer is the job that does it. */
export const importModel = (request: ModelRequest) => dataOf(api.POST("/api/models", { body: request }));

export const deleteArtifact = (id: string) =>
  dataOf(api.DELETE("/api/artifacts/{artifact_id}", { params: { path: { artifact_id: id } } }));

/** What deleting it would do. */
export const artifactDeletionQuery = (id: string) =>
  queryOptions({
    queryKey: ["deletion", "artifact", id],
    queryFn: ({ signal }) => dataOf(api.GET("/api/artifacts/dependants", { params: { query: { id } }, signal })),
  });
