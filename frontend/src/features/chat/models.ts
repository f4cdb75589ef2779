import type { Deployment } from "@/client/types";

import { lastModels, type Conversation, type Pane } from "./conversation";

/** The models of the two columns; without `right` the second one is closed. */
export interface Models {
  left?: string;
  right?: string;
}

/**
 * Which models a page shows: those of its address, else those that the chat was last held with, else those that were last
 * chosen here, else the newest release beside its own base.
 */
export function modelsAt(asked: Models, conversation: Conversation, before: Models, served: readonly Deployment[]): Models {
  // An address holds more than the models; nothing else of it may go on from here.
  if (asked.left || asked.right) return asked.left ? { left: asked.left, right: asked.right } : { left: asked.right };
  const [left, right] = lastModels(conversation);
  if (left !== undefined) return { left, right };
  const known = (name: string | undefined) => served.some((each) => each.name === name);
  if (known(before.left)) return { left: before.left, right: known(before.right) ? before.right : undefined };
  return first(served);
}

function first(served: readonly Deployment[]): Models {
  const tuned = served.find((each) => each.release != null);
  const base = tuned && served.find((each) => each.release == null && !each.made_outside && each.name === baseName(tuned));
  const left = base ?? tuned ?? served[0];
  return { left: left?.name, right: base ? tuned.name : undefined };
}

/** "base", "tuned · release 2", "made outside" */
export function kindOf(deployment: Deployment): string {
  if (deployment.made_outside) return "made outside";
  return deployment.release == null ? "base" : `tuned · release ${deployment.release}`;
}

export function paneOf(name: string, served: readonly Deployment[]): Pane {
  return { model: name, release: served.find((each) => each.name === name)?.release ?? null };
}

/** A release names its base by its folder, a served base by the folder's last part. */
function baseName(deployment: Deployment): string | undefined {
  return deployment.base.split("/").at(-1);
}
