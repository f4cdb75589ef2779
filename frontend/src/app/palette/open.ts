/** Which sheet lies over the page. Opened from anywhere, drawn by `Shortcuts`. */
export type Sheet = "palette" | "shortcuts" | null;

let sheet: Sheet = null;
const listeners = new Set<() => void>();

export const currentSheet = (): Sheet => sheet;

export function subscribeSheet(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function show(next: Sheet): void {
  sheet = next;
  listeners.forEach((listener) => listener());
}

export const openPalette = (): void => show("palette");
export const openShortcuts = (): void => show("shortcuts");
