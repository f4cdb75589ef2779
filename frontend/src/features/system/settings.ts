import type { SystemReport } from "@/client/types";

export type Setting = SystemReport["settings"][number];

/** Settings that have every word of `q` in name, value, source or description; those that somebody set come first. */
export function found(settings: readonly Setting[], q: string): Setting[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const text = (each: Setting) => `${each.name} ${each.value} ${each.source} ${each.description}`.toLowerCase();
  const rank = (each: Setting) => (each.source === "default" ? 1 : 0);
  return settings.filter((each) => words.every((word) => text(each).includes(word))).sort((a, b) => rank(a) - rank(b));
}

/** Whether this installation is the Compose stack. */
export const inStack = (settings: readonly Setting[]): boolean =>
  settings.some((each) => each.name === "TUNESMITH_RUNTIME" && each.value === "docker");
