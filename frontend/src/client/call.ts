import { api } from "./api";
import { Problem } from "./problem";

/** A call that the API itself proposes, as a remedy for what it found. */
export interface Call {
  method: string;
  path: string;
}

type Ask = (method: string, path: string) => Promise<{ data?: unknown }>;

/** Make the call and give its answer; only our own API is called. */
export async function call({ method, path }: Call): Promise<unknown> {
  if (!path.startsWith("/api/") || !/^(post|put|delete)$/i.test(method)) {
    throw new Problem({ title: "This page can't do that", status: 0, detail: `${method} ${path} is no call of Tunesmith's API.` });
  }
  // The path isn't known when this is compiled, so the client's types can't name it.
  const { data } = await (api.request as unknown as Ask)(method.toLowerCase(), path);
  return data;
}

/** The job in an answer, when it is one. */
export function jobIn(answer: unknown): { id: string; title: string } | null {
  if (typeof answer !== "object" || answer === null || !("id" in answer && "steps" in answer && "title" in answer)) return null;
  return typeof answer.id === "string" && typeof answer.title === "string" ? { id: answer.id, title: answer.title } : null;
}
