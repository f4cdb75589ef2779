import type { ModelRequest } from "@/client/queries/artifacts";
import { isName, suggestion } from "@/lib/names";

import type { AddWay } from "./search";

/** What is typed in the dialog, kept for each way. */
export interface AddForm {
  hub: string;
  folder: string;
  name: string;
}

export const NEW: AddForm = { hub: "", folder: "", name: "" };

export const STARTER = "smollm2-135m-instruct";

const REPOSITORY = /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}(@[\w.-]{1,64})?$/;

export function formFrom(stored: Record<string, unknown>): AddForm {
  const word = (value: unknown) => (typeof value === "string" ? value : "");
  return { hub: word(stored.hub), folder: word(stored.folder), name: word(stored.name) };
}

/** The name that the model gets when none is given; empty while that isn't known. */
export function nameFor(way: AddWay, form: AddForm): string {
  if (way === "starter") return STARTER;
  const source = way === "hub" ? (repositoryOf(form.hub).split("@")[0] ?? "") : form.folder.trim();
  const last = source.replace(/[/\\]+$/, "").split(/[/\\]/).at(-1) ?? "";
  return last ? suggestion(last) : "";
}

/** Why the reference can't be meant; null when it can, and while nothing is typed. */
export function againstReference(way: AddWay, form: AddForm): string | null {
  const hub = repositoryOf(form.hub);
  if (way === "hub" && hub && (!REPOSITORY.test(hub) || hub.includes(".."))) return "Write it as owner/name or owner/name@revision.";
  if (way === "folder" && form.folder && !form.folder.startsWith("/")) return "Give the whole path, from the first /.";
  return null;
}

/** The request; null while something is missing or wrong. */
export function requestOf(way: AddWay, form: AddForm): ModelRequest | null {
  const reference = way === "starter" ? "" : way === "hub" ? repositoryOf(form.hub) : form.folder.trim();
  if (way !== "starter" && !reference) return null;
  if (againstReference(way, form) !== null || (form.name && !isName(form.name))) return null;
  return { source: way, reference, name: form.name || null };
}

/** People copy the address of the model's page. */
function repositoryOf(text: string): string {
  const path = /^https?:\/\/[^/]+\/([^?#]+)/.exec(text.trim())?.[1];
  return path === undefined ? text.trim() : path.replace(/\/+$/, "").replace(/\/tree\/(.+)$/, "@$1");
}

