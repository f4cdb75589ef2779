import { useEffect, useRef, type RefObject } from "react";

const NEAR = 48;

/** Keeps a box scrolled to its end while text comes, unless a person scrolled up to read. */
export function useStick(content: unknown): { box: RefObject<HTMLDivElement | null>; follow: () => void } {
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const scrolled = () => (follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR);
    // Markdown that is drawn a moment later makes the content longer, too.
    const grown = new ResizeObserver(() => {
      if (follows.current) element.scrollTop = element.scrollHeight;
    });
    for (const child of element.children) grown.observe(child);
    element.addEventListener("scroll", scrolled, { passive: true });
    if (follows.current) element.scrollTop = element.scrollHeight;
    return () => {
      element.removeEventListener("scroll", scrolled);
      grown.disconnect();
    };
  }, [content]);
  return { box, follow: () => (follows.current = true) };
}
