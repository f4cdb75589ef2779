import type { TrainingRequest } from "@/client/queries/runs";
import type { TrainingSetting } from "@/client/types";

/** What stands in a field: text of inputs, numbers too, so that nothing typed is lost; words of lists; switches. */
export type Field = string | boolean | string[];

/** Only what a person set; everything else is at its default. */
export type Values = Partial<Record<string, Field>>;

/** A form as it was stored, by whatever version of the page. */
export function parseValues(stored: Record<string, unknown>): Values {
  const values: Values = {};
  for (const [name, value] of Object.entries(stored)) {
    if (typeof value === "string" || typeof value === "boolean") values[name] = value;
    else if (Array.isArray(value)) values[name] = value.map(String);
  }
  return values;
}

/** What a field shows: what was set, else its default. */
export function shown(setting: TrainingSetting, values: Values): Field {
  return values[setting.name] ?? fieldOf(setting, setting.default);
}

/** A value of the API as a field shows it. */
function fieldOf({ control }: Pick<TrainingSetting, "control">, value: unknown): Field {
  if (control === "switch") return value === true;
  if (control === "words" || control === "choices") return Array.isArray(value) ? value.map(String) : [];
  if (control === "keys") return keysText(value);
  return typeof value === "number" ? plain(value) : typeof value === "string" ? value : "";
}

/** 0.0002, not 2e-4; a person reads it so. */
function plain(value: number): string {
  const text = String(value);
  return text.includes("e-") ? value.toFixed(12).replace(/0+$/, "") : text;
}

/**
 * The settings to ask the API with. What is empty or at its default is left out; what can't be a number is sent as it was
 * typed, since the API says best what is wrong with it.
 */
export function requestOf(settings: readonly TrainingSetting[], values: Values): TrainingRequest {
  const request: TrainingRequest = {};
  for (const setting of settings) {
    const field = values[setting.name];
    const value = field === undefined ? undefined : valueOf(setting, field);
    if (value !== undefined && !same(value, setting.default)) request[setting.name] = value;
  }
  return request;
}

function valueOf(setting: TrainingSetting, field: Field): unknown {
  if (typeof field === "boolean") return field;
  if (Array.isArray(field)) return field.length || setting.control === "choices" ? field : undefined;
  const text = field.trim();
  if (text === "") return undefined;
  if (setting.control === "keys") return keysOf(text);
  if (setting.control === "whole" || setting.control === "number") return numberOf(text);
  if (setting.control === "choice") return setting.choices.find((choice) => String(choice) === text) ?? text;
  return text;
}

/** A number, with a comma or a point; or the text that isn't one. */
function numberOf(text: string): number | string {
  const value = Number(text.replace(",", "."));
  return Number.isFinite(value) ? value : text;
}

/** Lines of `key: value`; values as JSON where they are, else text. Text that has another form is sent as it is. */
function keysOf(text: string): Record<string, unknown> | string {
  const keys: Record<string, unknown> = {};
  for (const line of text.split("\n").filter((each) => each.trim() !== "")) {
    const at = line.indexOf(":");
    if (at < 1) return text;
    keys[line.slice(0, at).trim()] = scalar(line.slice(at + 1).trim());
  }
  return keys;
}

function scalar(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function keysText(value: unknown): string {
  if (typeof value !== "object" || value === null) return "";
  return Object.entries(value)
    .map(([key, each]) => `${key}: ${typeof each === "string" ? text(each) : JSON.stringify(each)}`)
    .join("\n");
}

/** A text that would be read as something else stands in quotes. */
const text = (value: string) => (typeof scalar(value) === "string" && value !== "" ? value : JSON.stringify(value));

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b ?? null);

/** An earlier run's settings as a form has them; only what isn't at its default. */
export function valuesOf(settings: readonly TrainingSetting[], config: Record<string, unknown>): Values {
  const values: Values = {};
  for (const setting of settings) {
    const value = config[setting.name];
    if (value === undefined || value === null || same(value, setting.default)) continue;
    values[setting.name] = fieldOf(setting, value);
  }
  return values;
}

/** What is wrong with each field, by its name, of what a problem points at; `rest`: what has no field here. */
export function wrongFields(wrong: readonly { where: string; message: string }[]): Record<string, string> {
  return Object.fromEntries(wrong.map(({ where, message }) => [where.replace(/^body\./, ""), message]));
}

/** The next number behind the name that no run has: facts-2 after facts, demo-21 after demo-20. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  const [, stem = name, last = "1"] = /^(.+)-(\d{1,4})$/.exec(name) ?? [];
  for (let number = Number(last) + 1; ; number += 1) {
    const next = `${stem.slice(0, 74)}-${number}`;
    if (!taken.has(next)) return next;
  }
}
