import type { JsonValue, Operations, Problem } from './operations';
import { readExact, writeExact } from './exact';
import { askWhoItIs } from './session';

const UNAUTHENTICATED = 401;

type Name = keyof Operations;
type Part<Of extends Name, Which extends string> = Which extends keyof Operations[Of] ? Operations[Of][Which] : never;
/** The name of an operation in the document, and in the audit: `cancelJob`. */
export type OperationId = Operations[Name]['id'];
export type Answer<Of extends Name> = Operations[Of]['answer'];
/** What an operation takes: path, query and body, as the OpenAPI document says, and what is asked in headers, such as `If-Match`. */
export type Given<Of extends Name> = Omit<Operations[Of], 'answer' | 'id'> & { headers?: Record<string, string> };
export type Query<Of extends Name> = Exclude<Part<Of, 'query'>, undefined>;

/** The path of PUBLIC_URL, below which the gateway is seen. */
export const PATH = document.querySelector<HTMLMetaElement>('meta[name="longhaul-path"]')?.content ?? '';

/** The identity provider with whose accounts people can sign in; empty where there is none. */
export const PROVIDER = document.querySelector<HTMLMetaElement>('meta[name="longhaul-oidc"]')?.content ?? '';

/** A refusal, as the API has worded it, or an answer that did not come. */
export class ApiError extends Error {
  constructor(
    /** 0: no answer came. */
    readonly status: number,
    readonly problem: Problem | undefined,
    message: string,
  ) {
    super(message);
  }
}

/** Whether the gateway has let in who is here, so that a refusal means that this is over. */
let wasLetIn = false;

let why = '';

/** Does something that has no place of its own for the reason: its calls have it as a header. */
export async function because<Result>(reason: string, act: () => Promise<Result>): Promise<Result> {
  why = reason;
  try {
    return await act();
  } finally {
    why = '';
  }
}

/** Calls an operation by its name in the OpenAPI document: `api('GET /jobs/{id}', { path: { id } })`. */
export async function api<Of extends Name>(
  name: Of,
  ...[given, signal]: object extends Given<Of> ? [given?: Given<Of>, signal?: AbortSignal] : [given: Given<Of>, signal?: AbortSignal]
): Promise<Answer<Of>> {
  const { path, query, body, headers } = (given ?? {}) as {
    path?: Record<string, string>;
    query?: Record<string, unknown>;
    body?: unknown;
    headers?: Record<string, string>;
  };
  const [method = 'GET', template = '/'] = name.split(' ');
  const response = await answerTo(urlOf(template, path, query), {
    method,
    // No form of another page can send it: it is what the gateway asks for beside a session's cookie.
    headers: {
      ...{ accept: 'application/json', 'x-requested-by': 'console' },
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(why === '' || method === 'GET' ? {} : { 'act-reason': encodeURIComponent(why) }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: writeExact(body) }),
    ...(signal ? { signal } : {}),
  });
  const text = await response.text();
  if (response.status === UNAUTHENTICATED && name !== 'POST /session') askWhoItIs(wasLetIn ? 'ended' : 'asked');
  if (response.ok) wasLetIn = name !== 'DELETE /session';
  if (!response.ok) throw refused(response.status, text);
  return (text === '' ? undefined : readExact(text)) as Answer<Of>;
}

export function urlOf(template: string, path: Record<string, string> = {}, query: Record<string, unknown> = {}): string {
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''));
  const parameters = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).filter((one) => one !== undefined && one !== '').map((one) => [name, String(one)]),
  );
  return `${PATH}${filled}${parameters.length > 0 ? `?${new URLSearchParams(parameters).toString()}` : ''}`;
}

async function answerTo(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, undefined, 'The gateway does not answer.');
  }
}

function refused(status: number, text: string): ApiError {
  try {
    const problem = JSON.parse(text) as Problem;
    return new ApiError(status, problem, problem.detail);
  } catch {
    return new ApiError(status, undefined, `The answer was ${String(status)}, without a reason. A proxy between here and the gateway may have given it.`);
  }
}

export { ExactNumber, readExact, writeExact } from './exact';
export type { JsonValue };
export type * from './operations';
