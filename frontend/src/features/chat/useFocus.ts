import { useEffect, useRef, type RefObject } from "react";

/** A field that a person has just asked for gets the focus. */
export function useFocus<T extends HTMLElement>(): RefObject<T | null> {
  const field = useRef<T>(null);
  useEffect(() => field.current?.focus(), []);
  return field;
}
