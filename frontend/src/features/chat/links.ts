/** An address that a model wrote, if it leads to the web; null for everything else: scripts, files, our own pages. */
export function safeHref(url: string): string | null {
  if (!/^https?:\/\//i.test(url)) return null;
  try {
    return new URL(url).href;
  } catch {
    return null;
  }
}
