import { useState } from "react";

import { slotsOf } from "./look";

/** A colour for each of `names`, which stays with it as long as it is shown. */
export function useSlots(names: readonly string[]): ReadonlyMap<string, number> {
  const [slots, setSlots] = useState<ReadonlyMap<string, number>>(() => slotsOf(names, new Map()));
  if (slots.size === names.length && names.every((name) => slots.has(name))) return slots;
  const next = slotsOf(names, slots);
  // Decided while drawing, so that no curve is drawn in another one's colour first.
  setSlots(next);
  return next;
}
