import type { Job, Toolbox } from "@/client/types";

import { shares, type Part } from "./disk";

/** What can be done about a toolbox, as its button says. */
export function verbOf({ presence }: Pick<Toolbox, "presence">): "Install" | "Repair" | null {
  if (presence === "missing") return "Install";
  return presence === "half-made" ? "Repair" : null;
}

/** The job that makes it now: such a job is named after its toolbox. */
export function jobOf({ name }: Pick<Toolbox, "name">, jobs: readonly Job[]): Job | undefined {
  return jobs.find((job) => job.kind === "toolbox" && !job.ended_at && job.title === `Install ${name}`);
}

/** The same for a call that would start such a job: somebody may have started it elsewhere. */
export function jobOfCall(path: string, jobs: readonly Job[]): Job | undefined {
  const [, name] = /^\/api\/toolboxes\/([a-z-]+):install/.exec(path) ?? [];
  return name ? jobOf({ name: name as Toolbox["name"] }, jobs) : undefined;
}

/** The packages worth naming: those that the work is done by. */
const TELLING = ["torch", "transformers", "llamafactory", "peft", "trl", "gradio", "gguf", "xllamacpp", "tensorboard"] as const;

export function tellingVersions(made: Toolbox["made"]): string[] {
  return TELLING.flatMap((name) => {
    const version = made?.versions[name];
    return version ? [`${name} ${version}`] : [];
  });
}

/** Bytes of the folder in which several toolboxes lie and share files; null where their sizes add up, or that isn't known. */
export function sharedBy(toolboxes: readonly Toolbox[], parts: readonly Part[] | undefined): number | null {
  const folder = parts?.find(({ part }) => part === "toolboxes");
  if (!folder) return null;
  const inside = toolboxes.filter(({ made, path }) => made && path.startsWith(`${folder.path}/`));
  return inside.length > 1 && shares(folder.alone, folder.bytes) ? folder.bytes : null;
}
