/** Numbers and times as a person reads them. What isn't known is "–", never 0. */
export const UNKNOWN = "–";

// Made once: making one takes longer than drawing a row of a list.
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const DAY_OF_YEAR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const EXACT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const COUNT = new Intl.NumberFormat("en-US");

type Maybe = number | null | undefined;

const SIZES = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

export function bytes(value: Maybe): string {
  if (value == null || !Number.isFinite(value)) return UNKNOWN;
  let size = Math.abs(value);
  let unit = 0;
  while (size >= 1024 && unit < SIZES.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return `${value < 0 ? "-" : ""}${size.toFixed(digits)} ${SIZES[unit]}`;
}

/** 0.4 s · 12 s · 3:07 min · 2:15 h · 3 d 4 h */
export function duration(seconds: Maybe): string {
  if (seconds == null || !Number.isFinite(seconds)) return UNKNOWN;
  const whole = Math.round(seconds);
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)} s`;
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}:${two(whole % 60)} min`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)}:${two(Math.floor((whole % 3600) / 60))} h`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

/** "about 2 min left": what is predicted is not said to the second. */
export function about(seconds: Maybe): string {
  if (seconds == null || !Number.isFinite(seconds)) return UNKNOWN;
  if (seconds < SOON) return "a few seconds";
  const { value, unit } = rough(seconds);
  return `about ${value} ${unit}`;
}

/** "2 to 5 min", "40 s to 2 min": as rough as `about`, which it is where both ends read the same. */
export function between(low: number, high: number): string {
  if (about(low) === about(high)) return about(low);
  const from = rough(low);
  const to = rough(high);
  return `${from.value}${from.unit === to.unit ? "" : ` ${from.unit}`} to ${to.value} ${to.unit}`;
}

const SOON = 10;

function rough(seconds: number): { value: string; unit: string } {
  if (seconds < SOON) return { value: String(Math.max(1, Math.round(seconds))), unit: "s" };
  if (seconds < 90) return { value: String(Math.round(seconds / 5) * 5), unit: "s" };
  if (seconds < 5400) return { value: String(Math.round(seconds / 60)), unit: "min" };
  return { value: (seconds / 3600).toFixed(1), unit: "h" };
}

/** `at` (ISO) as seen at `now` (ms): "just now", "4 min ago", "in 2 h", "3 Nov". */
export function relative(at: string, now: number): string {
  const seconds = (now - Date.parse(at)) / 1000;
  if (Number.isNaN(seconds)) return UNKNOWN;
  const past = seconds >= 0;
  const size = Math.abs(seconds);
  const say = (count: number, unit: string) => (past ? `${count} ${unit} ago` : `in ${count} ${unit}`);
  if (size < 5) return "just now";
  if (size < 60) return say(Math.floor(size), "s");
  if (size < 3600) return say(Math.floor(size / 60), "min");
  if (size < 86_400) return say(Math.floor(size / 3600), "h");
  if (size < 7 * 86_400) return say(Math.floor(size / 86_400), "d");
  return date(at);
}

export function date(at: string): string {
  const day = new Date(at);
  const sameYear = day.getFullYear() === new Date().getFullYear();
  return (sameYear ? DAY : DAY_OF_YEAR).format(day);
}

export function exact(at: string): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? UNKNOWN : EXACT.format(time);
}

export function count(value: Maybe): string {
  return value == null ? UNKNOWN : COUNT.format(value);
}

/** 1 job, 2 jobs */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

export function percent(value: Maybe, digits = 0): string {
  return value == null ? UNKNOWN : `${value.toFixed(digits)} %`;
}

/** A loss or a rate: as many digits as say something. */
export function number(value: Maybe): string {
  if (value == null || !Number.isFinite(value)) return UNKNOWN;
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e6)) return value.toExponential(2);
  if (size >= 1000) return count(Math.round(value));
  return value.toPrecision(3).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
