/** Colours that stay apart for every kind of colour vision (app/global.css), and strokes when there are more curves than these. */
export const COLOURS = 6;

/** Lengths of dash and gap in px; none: one stroke. */
const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3]];

/** As many curves as can be told apart. */
export const MOST = COLOURS * DASHES.length;

export interface Look {
  /** Name of a CSS variable. */
  colour: string;
  dash: readonly number[];
}

export function lookOf(slot: number): Look {
  return { colour: `--series-${(slot % COLOURS) + 1}`, dash: DASHES[Math.floor(slot / COLOURS) % DASHES.length] ?? [] };
}

/** A slot for each name: those that had one keep it, so that no curve changes its colour when another one goes. */
export function slotsOf(names: readonly string[], before: ReadonlyMap<string, number>): Map<string, number> {
  const slots = new Map<string, number>();
  const taken = new Set<number>();
  for (const name of names) {
    const slot = before.get(name);
    if (slot === undefined || taken.has(slot)) continue;
    slots.set(name, slot);
    taken.add(slot);
  }
  let free = 0;
  for (const name of names) {
    if (slots.has(name)) continue;
    while (taken.has(free)) free += 1;
    slots.set(name, free);
    taken.add(free);
  }
  return slots;
}
