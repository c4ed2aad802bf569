import { NumberText, ProblemError, readJson, UnreachableError } from '@app/client';

/** Where the gateway is, and what is said to it with each call. */
export interface Gateway {
  url: string;
  headers: Record<string, string>;
}

type Problem = ConstructorParameters<typeof ProblemError>[0];

const ANSWER_MS = 10_000;

/** Calls an operation that the client has no call for, so that the client stays small for browsers. Throws what the client would. */
export async function ask<Answer>(
  gateway: Gateway,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  { body, signal: stop, answerMs = ANSWER_MS }: { body?: object; signal: AbortSignal; answerMs?: number },
): Promise<Answer> {
  const url = gateway.url.replace(/\/+$/, '') + path;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method,
      headers: { accept: 'application/json', ...(body && { 'content-type': 'application/json' }), ...gateway.headers },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.any([stop, AbortSignal.timeout(answerMs)]),
    });
    text = await response.text();
  } catch (cause) {
    throw new UnreachableError(`expected an answer to ${method} ${url}, got none`, { cause });
  }
  if (response.status === 204) return null as Answer;
  // A number beyond a double's digits is shown as it was sent.
  if (response.ok) return readJson(text, (literal) => new NumberText(literal)) as Answer;
  throw new ProblemError(problemIn(text, response, url));
}

/** Of a proxy's page, too. */
function problemIn(text: string, { status, statusText }: Response, instance: string): Problem {
  try {
    return JSON.parse(text) as Problem;
  } catch {
    return { type: 'about:blank', title: statusText || `the answer ${String(status)}`, status, detail: '', instance };
  }
}
