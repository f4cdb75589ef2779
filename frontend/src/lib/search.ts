/** Reading the part of an address behind `?`: whatever a person or an old link wrote there becomes a value that a page knows. */
export type Search = Record<string, unknown>;

export function text(value: unknown): string | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && value !== "" ? value.slice(0, 2_000) : undefined;
}

export function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((each) => each === value);
}

/** Several words, each once. */
export function several(value: unknown): string[] | undefined {
  const words = Array.isArray(value) ? value.map(String) : [text(value) ?? ""];
  const found = [...new Set(words.filter(Boolean))];
  return found.length ? found : undefined;
}

export function severalOf<T extends string>(value: unknown, allowed: readonly T[]): T[] | undefined {
  const found = (several(value) ?? []).filter((each): each is T => allowed.includes(each as T));
  return found.length ? found : undefined;
}

export function flag(value: unknown): true | undefined {
  return value === true || value === "true" ? true : undefined;
}

/** A whole number within bounds. */
export function whole(value: unknown, least: number, most: number): number | undefined {
  const number = typeof value === "number" ? value : Number(text(value) ?? NaN);
  return Number.isFinite(number) ? Math.round(Math.min(most, Math.max(least, number))) : undefined;
}

/** `?q=a&state=failed&state=running`, as a person would write it; TanStack's own way is JSON in percent signs. */
export function parseSearch(query: string): Search {
  const found: Search = {};
  const given = new URLSearchParams(query);
  for (const name of new Set(given.keys())) {
    const values = given.getAll(name);
    found[name] = values.length > 1 ? values : values[0];
  }
  return found;
}

export function stringifySearch(search: Search): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined && each !== null && each !== "") words.append(name, String(each));
    }
  }
  const query = words.toString();
  return query && `?${query}`;
}
