import { api, dataOf } from "../api";
import type { Toolbox } from "../types";

export interface Installing {
  /** Make it anew although it is complete. */
  rebuild?: boolean;
  /** Of llama-cpp: compile llama-quantize too. */
  quantize?: boolean;
}

/** The job that makes a toolbox's environment. */
export const installToolbox = (name: Toolbox["name"], how: Installing) =>
  dataOf(api.POST("/api/toolboxes/{name}:install", { params: { path: { name }, query: how } }));
