import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";

import { draftOf, type Stored } from "@/client/drafts";

export interface FormDraft<T> {
  value: T;
  /** False until it is known what was typed before; fields may already be used. */
  ready: boolean;
  /** Whether something is kept: the form isn't as a new one. */
  kept: boolean;
  set: (next: Partial<T> | ((before: T) => T)) => void;
  /** Back to a new form; the kept one goes. */
  reset: () => void;
}

/**
 * The state of the form `name`, kept on the server while a person types, so that a reload, another page or another browser
 * goes on with it. `parse` makes a form of whatever was stored, also by an earlier version of the page: it never throws.
 */
export function useDraft<T extends object>(name: string, initial: T, parse: (stored: Stored) => T): FormDraft<T> {
  const draft = draftOf(name);
  const { value: stored, ready } = useSyncExternalStore(draft.subscribe, draft.snapshot);
  const given = useRef({ initial, parse });
  useEffect(() => {
    given.current = { initial, parse };
  });
  useEffect(() => void draft.load(), [draft]);
  const value = useMemo(() => (stored ? parse(stored) : initial), [stored, parse, initial]);
  const verbs = useMemo(() => {
    const now = (): T => {
      const { value: kept } = draft.snapshot();
      return kept ? given.current.parse(kept) : given.current.initial;
    };
    return {
      set: (next: Partial<T> | ((before: T) => T)) => {
        const before = now();
        draft.set((typeof next === "function" ? next(before) : { ...before, ...next }) as Stored);
      },
      reset: () => draft.set(null),
    };
  }, [draft]);
  return { value, ready, kept: stored !== null, ...verbs };
}
