import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, dataOf } from "../api";
import type { components } from "../schema";
import type { Dataset } from "../types";
import { upload, type TellSent } from "../upload";

type Schemas = components["schemas"];

export type Preview = Schemas["Preview"];
export type EasyImport = Schemas["EasyImport"];
export type EasyProject = Schemas["Project"];
export type EasyReport = Schemas["Report"];
export type DatasetFormat = Schemas["Format"];
export type Provenance = Schemas["Provenance"];
export type Row = Record<string, unknown>;

/** Rows that are fetched together. */
export const CHUNK = 50;

/** A stretch of a data set's rows. Its hash is in the key: other rows are another answer. */
export const rowsQuery = ({ name, sha256 }: Pick<Dataset, "name" | "sha256">, chunk: number) =>
  queryOptions({
    queryKey: ["datasets", "rows", name, sha256, chunk],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET("/api/datasets/{name}/rows", {
          params: { path: { name }, query: { offset: chunk * CHUNK, limit: CHUNK } },
          signal,
        }),
      ),
    staleTime: Infinity,
    gcTime: 60_000,
  });

/** Where its rows are from. */
export const provenanceQuery = ({ name, sha256 }: Pick<Dataset, "name" | "sha256">) =>
  queryOptions({
    queryKey: ["datasets", "provenance", name, sha256],
    queryFn: ({ signal }) => dataOf(api.GET("/api/datasets/{name}/provenance", { params: { path: { name } }, signal })),
    staleTime: Infinity,
  });

export interface Sending {
  sent: TellSent;
  signal: AbortSignal;
}

/** What adding an uploaded file would make of it. */
export const lookAtFile = (file: File, { sent, signal }: Sending) =>
  upload("/api/datasets:preview", formOf({ file }), sent, signal) as Promise<Preview>;

export const addFile = (file: File, { name, skip_bad }: { name: string; skip_bad: boolean }, { sent, signal }: Sending) =>
  upload("/api/datasets", formOf({ name, skip_bad: String(skip_bad), file }), sent, signal) as Promise<Dataset>;

/** The same for a file of the machine that Tunesmith runs on. */
export const lookAtPath = (path: string, signal: AbortSignal) =>
  dataOf(api.POST("/api/datasets:preview-file", { body: { path }, signal }));

export const addPath = (path: string, { name, skip_bad }: { name: string; skip_bad: boolean }) =>
  dataOf(api.POST("/api/datasets:from-file", { body: { path, name, skip_bad } }));

export const deleteDataset = (name: string) => dataOf(api.DELETE("/api/datasets/{name}", { params: { path: { name } } }));

/** What deleting it would do. */
export const datasetDeletionQuery = (name: string) =>
  queryOptions({
    queryKey: ["deletion", "dataset", name],
    queryFn: ({ signal }) => dataOf(api.GET("/api/datasets/{name}/dependants", { params: { path: { name } }, signal })),
  });

export const easyProjectsQuery = queryOptions({
  queryKey: ["easy-dataset", "projects"],
  queryFn: ({ signal }) => dataOf(api.GET("/api/easy-dataset/projects", { signal })),
  staleTime: 0,
  // It isn't there as a rule where it isn't installed: that is said at once.
  retry: false,
  meta: { saysItself: true },
});

export const easyPreviewQuery = (wanted: EasyImport) =>
  queryOptions({
    queryKey: ["easy-dataset", "preview", wanted],
    queryFn: ({ signal }) => dataOf(api.POST("/api/easy-dataset/preview", { body: wanted, signal })),
    enabled: wanted.project !== "",
    placeholderData: keepPreviousData,
    staleTime: 0,
    retry: false,
    meta: { saysItself: true },
  });

export const importEasy = (wanted: EasyImport) => dataOf(api.POST("/api/easy-dataset/import", { body: wanted }));

/** How the rows of an exported file are taken over. */
export interface ExportChoice {
  reasoning: boolean;
  system: string;
  format: "" | "alpaca" | "messages";
}

export const lookAtExport = (file: File, choice: ExportChoice, { sent, signal }: Sending) =>
  upload("/api/easy-dataset/files/preview", exportForm(file, choice), sent, signal) as Promise<EasyReport>;

export const addExport = (file: File, choice: ExportChoice & { name: string }, { sent, signal }: Sending) =>
  upload("/api/easy-dataset/files", exportForm(file, choice), sent, signal) as Promise<EasyReport>;

function exportForm(file: File, { reasoning, system, format, name = "" }: ExportChoice & { name?: string }): FormData {
  return formOf({ name, format, system, reasoning: String(reasoning), file });
}

/** The file comes last, so that the fields are known when it begins. What is empty is left out. */
function formOf(fields: Record<string, string | File>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value !== "") form.append(name, value);
  return form;
}
