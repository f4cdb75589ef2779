/** What went wrong, as the API says it (RFC 9457) or as this page saw it. Every error that a page shows is one of these. */
export class Problem extends Error {
  readonly title: string;
  readonly detail: string;
  readonly remedy: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly incident: string | null;
  readonly wrong: readonly WrongValue[];

  constructor(said: ProblemDetails) {
    super(said.title);
    this.name = "Problem";
    this.title = said.title;
    this.status = said.status;
    this.detail = said.detail ?? "";
    this.remedy = said.remedy ?? "";
    this.incident = said.incident ?? null;
    this.wrong = said.errors ?? [];
  }
}

export interface WrongValue {
  where: string;
  message: string;
}

export interface ProblemDetails {
  title: string;
  status: number;
  detail?: string;
  remedy?: string;
  incident?: string | null;
  errors?: WrongValue[] | null;
}

export function unreachable(): Problem {
  return new Problem({
    title: "Tunesmith doesn't answer",
    status: 0,
    detail: "The request got no answer.",
    remedy: "Is it running? `tunesmith up` starts it. This page goes on by itself when it answers.",
  });
}

/** An answer that isn't ok, as a problem: the API's own words, else what its status says. */
export function problemOf(status: number, body: unknown): Problem {
  if (isDetails(body)) return new Problem({ ...body, status });
  const openai = openAiMessage(body);
  if (openai) return new Problem({ title: openai, status });
  if (status >= 502 && status <= 504) return unreachable();
  return new Problem({ title: `The answer was ${status}`, status, detail: typeof body === "string" ? body.slice(0, 300) : "" });
}

/** Any thrown value as a problem, so that a page can show it. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof TypeError) return unreachable();
  return new Problem({ title: "An error of this page", status: 0, detail: String(error), remedy: "Reload the page." });
}

/** What was asked for isn't there, or no more. */
export function isGone(error: unknown): boolean {
  return asProblem(error).status === 404;
}

/** It lies in what was asked: asking again won't help. */
export function isRefusal(error: unknown): boolean {
  const { status } = asProblem(error);
  return status >= 400 && status < 500;
}

function isDetails(body: unknown): body is ProblemDetails {
  return typeof body === "object" && body !== null && "title" in body && typeof body.title === "string";
}

function openAiMessage(body: unknown): string | null {
  if (typeof body !== "object" || body === null || !("error" in body)) return null;
  const error = body.error;
  const message = typeof error === "object" && error !== null && "message" in error ? error.message : null;
  return typeof message === "string" ? message : null;
}
