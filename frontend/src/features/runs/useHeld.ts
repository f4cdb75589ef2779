import { useState } from "react";

/** A value that stands in the address and is ahead of it while a control is held; what the address says next takes its place. */
export function useHeld(told: number): [number, (value: number) => void] {
  const [held, setHeld] = useState({ value: told, told });
  if (held.told !== told) setHeld({ value: told, told });
  return [held.told === told ? held.value : told, (value) => setHeld({ value, told })];
}
