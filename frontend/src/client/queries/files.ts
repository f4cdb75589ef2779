import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, dataOf } from "../api";

export interface FileWish {
  /** Absolute; "" is the home. */
  path: string;
  /** `folder`: no files. */
  kind?: "folder" | "file";
  suffix?: string[];
  hidden?: boolean;
}

/** What is in a folder of the machine that Tunesmith runs on. */
export const filesQuery = (wish: FileWish) =>
  queryOptions({
    queryKey: ["files", wish],
    queryFn: ({ signal }) => dataOf(api.GET("/api/files", { params: { query: wish }, signal })),
    staleTime: 2_000,
    // The folder stays on the page until the next one is there: nothing jumps.
    placeholderData: keepPreviousData,
    retry: false,
  });
