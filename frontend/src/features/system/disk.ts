import type { components } from "@/client/schema";

export type Part = components["schemas"]["Part"];

/** The largest first. Parts without a file aren't worth a line. */
export function bySize(parts: readonly Part[]): Part[] {
  return parts.filter((part) => part.files > 0).sort((a, b) => b.bytes - a.bytes);
}

/** A path as it lies below the part's own folder. */
export function below(folder: string, path: string): string {
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
}

/** What of a part isn't named by its entries, each measured alone as they are. */
export function rest(part: Part): { bytes: number; files: number } | null {
  const named = part.entries.reduce((sum, each) => ({ bytes: sum.bytes + each.bytes, files: sum.files + each.files }), {
    bytes: 0,
    files: 0,
  });
  const files = part.files - named.files;
  return files > 0 ? { bytes: Math.max(0, part.alone - named.bytes), files } : null;
}

/** A difference that nobody sees in the sizes as they are shown isn't worth a word. */
const SEEN = 0.01;

/** Whether sizes that stand below one another are more than what they take together: files are shared by hard links. */
export function shares(alone: number, together: number): boolean {
  return alone - together > SEEN * together;
}

export const sumOf = (parts: readonly Part[]) => parts.reduce((sum, each) => sum + each.bytes, 0);
