import createClient, { type Middleware } from "openapi-fetch";

import { learnClock } from "./clock";
import { problemOf, unreachable } from "./problem";
import type { paths } from "./schema";

/**
 * Learns the server's clock, and turns whatever isn't a good answer into a `Problem`, so that callers see data only.
 * A login that ended leads to the login page and back here.
 */
const honest: Middleware = {
  async onResponse({ response }) {
    learnClock(response.headers.get("date"));
    if (response.ok) return undefined;
    if (response.status === 401) logIn();
    throw problemOf(response.status, await bodyOf(response));
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === "AbortError") return undefined;
    return unreachable();
  },
};

export const api = createClient<paths>();
api.use(honest);

/** The data of an answer. Problems were thrown already. */
export async function dataOf<T>(asked: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data } = await asked;
  return data as T;
}

export function logIn(): void {
  const here = location.pathname + location.search + location.hash;
  location.assign(`/auth/login?next=${encodeURIComponent(here)}`);
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
