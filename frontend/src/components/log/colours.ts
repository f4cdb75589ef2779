import { REVERSE } from "./engine/ansi";

/** Colours of tools, made readable: each text has at least 4.5 : 1 to what is behind it, in both themes. */
type Rgb = readonly [number, number, number];

interface Ground {
  ink: Rgb;
  ground: Rgb;
}

/** As `--ink` and `--sunken` of the themes. */
const LIGHT: Ground = { ink: [27, 30, 35], ground: [241, 242, 244] };
const DARK: Ground = { ink: [230, 232, 235], ground: [23, 26, 29] };

const ENOUGH = 4.5;
const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];

export interface Painted {
  color: string;
  backgroundColor?: string;
}

const known = new Map<string, Painted>();

/** CSS for a text colour and the colour behind it, each "r, g, b" or absent. */
export function painted(fg: string | undefined, bg: string | undefined): Painted {
  const key = `${fg ?? ""}/${bg ?? ""}`;
  const before = known.get(key);
  if (before) return before;
  const [light, dark] = [readable(fg, bg, LIGHT), readable(fg, bg, DARK)];
  const found = {
    color: both(light.text, dark.text),
    ...(bg ? { backgroundColor: both(light.behind, dark.behind) } : {}),
  };
  if (known.size < 5_000) known.set(key, found);
  return found;
}

/** The colours in one theme. */
export function readable(fg: string | undefined, bg: string | undefined, { ink, ground }: Ground): { text: Rgb; behind: Rgb } {
  const behind = bg === REVERSE ? ink : (parsed(bg) ?? ground);
  const text = fg === REVERSE ? ground : (parsed(fg) ?? ink);
  return { text: apart(text, behind), behind };
}

/** `text`, moved towards black or white until it can be read on `behind`. */
function apart(text: Rgb, behind: Rgb): Rgb {
  const end = contrast(WHITE, behind) >= contrast(BLACK, behind) ? WHITE : BLACK;
  for (let part = 0; part <= 1; part += 0.1) {
    const tried = mixed(text, end, part);
    if (contrast(tried, behind) >= ENOUGH) return tried;
  }
  return end;
}

function mixed(a: Rgb, b: Rgb, part: number): Rgb {
  const one = (index: 0 | 1 | 2) => Math.round(a[index] + (b[index] - a[index]) * part);
  return [one(0), one(1), one(2)];
}

/** WCAG 2.1, 1.4.3. */
export function contrast(a: Rgb, b: Rgb): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance([r, g, b]: Rgb): number {
  const linear = (value: number) => (value <= 10 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

function parsed(colour: string | undefined): Rgb | null {
  const [r, g, b] = (colour ?? "").split(",").map(Number);
  return r === undefined || g === undefined || b === undefined ? null : [r, g, b];
}

function both(light: Rgb, dark: Rgb): string {
  return `light-dark(rgb(${light.join(" ")}), rgb(${dark.join(" ")}))`;
}
