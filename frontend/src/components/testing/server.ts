/**
 * A server for tests, in the place of the network: import it before what asks. A test says what is answered, and reads what
 * was asked.
 */
export type Answer = object | ((asked: Asked) => object);

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

export const asked: Asked[] = [];
let answers: Record<string, Answer> = {};

/** `{"GET /api/services": {…}}`; what isn't named is a 404. Forgets what was asked before. */
export function serve(given: Record<string, Answer>): void {
  answers = given;
  asked.length = 0;
}

/** An answer that is a problem. */
export function problem(status: number, title: string, more: object = {}): object {
  return new Refusal(JSON.stringify({ title, status, ...more }), status);
}

class Refusal {
  constructor(
    readonly body: string,
    readonly status: number,
  ) {}
}

globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const url = new URL(request.url);
  const text = await request.text();
  const one: Asked = {
    method: request.method,
    path: url.pathname,
    query: url.searchParams,
    body: text ? (JSON.parse(text) as unknown) : null,
  };
  asked.push(one);
  const answer = answers[`${one.method} ${one.path}`];
  const said = typeof answer === "function" ? (answer as (asked: Asked) => object)(one) : answer;
  const headers = { "content-type": "application/json" };
  if (!said) return new Response('{"title":"Not there","status":404}', { status: 404, headers });
  if (said instanceof Refusal) return new Response(said.body, { status: said.status, headers });
  return new Response(JSON.stringify(said), { status: 200, headers });
};
