export interface Crumb {
  label: string;
  path: string;
}

/** The way from the allowed folder that holds `path` to it. */
export function trail(path: string, roots: readonly string[]): Crumb[] {
  const root = roots.filter((each) => within(path, each)).sort((a, b) => b.length - a.length)[0];
  if (root === undefined) return [{ label: path, path }];
  const found: Crumb[] = [{ label: root, path: root }];
  let so = root === "/" ? "" : root;
  for (const part of path.slice(root.length).split("/").filter(Boolean)) {
    so = `${so}/${part}`;
    found.push({ label: part, path: so });
  }
  return found;
}

/** Whether `path` is `root` or lies in it. */
export function within(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith("/") ? root : `${root}/`);
}

/** Whether what is typed is a path to go to, and no part of a name. "~" is the home of the user that Tunesmith runs as. */
export function isPath(typed: string): boolean {
  return /^(\/|~(\/|$))/.test(typed.trim());
}

/** Entries whose name holds every word that was typed. */
export function named<T extends { name: string }>(entries: readonly T[], typed: string): T[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter((entry) => words.every((word) => entry.name.toLowerCase().includes(word)));
}

/** Where a key leads in a list of `count`; null for keys that lead nowhere. */
export function moved(key: string, at: number, count: number, page: number): number | null {
  const last = count - 1;
  if (last < 0) return null;
  if (key === "ArrowDown") return Math.min(last, at + 1);
  if (key === "ArrowUp") return Math.max(0, at - 1);
  if (key === "Home") return 0;
  if (key === "End") return last;
  if (key === "PageDown") return Math.min(last, at + page);
  if (key === "PageUp") return Math.max(0, at - page);
  return null;
}
