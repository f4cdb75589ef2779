import { useEffect, useRef, useState } from "react";

const SETTLE_MS = 150;

/**
 * A text field whose value stands in the address: what is typed is drawn at once and told a moment later, and what the
 * address says (back button, a link) takes its place.
 */
export function useTyped(told: string, tell: (text: string) => void): [string, (text: string) => void] {
  const [typed, setTyped] = useState(told);
  const ours = useRef(told);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (told === ours.current) return;
    ours.current = told;
    clearTimeout(timer.current);
    setTyped(told);
  }, [told]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (text: string) => {
    setTyped(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      ours.current = text;
      tell(text);
    }, SETTLE_MS);
  };
  return [typed, type];
}
