import { useEffect, useRef } from "react";

/** Tell once under which name rows were added. In an effect, when nothing is under way any more that would hold up leaving. */
export function useDone(name: string | null | undefined, done: (name: string) => void): void {
  const told = useRef(false);
  useEffect(() => {
    if (!name || told.current) return;
    told.current = true;
    done(name);
  }, [name, done]);
}
