import { ProblemError, UnreachableError } from '@app/client';
import type { Invocation } from './arguments.js';
import { given, type Tools } from './tools.js';
import { EXIT } from './usage.js';

/** Where the gateway is, and what is said to it with each call. */
export interface Gateway {
  url: string;
  headers: Record<string, string>;
}

interface Link {
  statusUrl: string;
  shows: string[];
  expiresAt: string;
}

type Problem = ConstructorParameters<typeof ProblemError>[0];

const ANSWER_MS = 10_000;

/** `link <id>`: prints a link for somebody who waits and has no key, and nothing else. The client has no call for it, so that it stays small for browsers. */
export async function link(
  { operands, values }: Pick<Invocation, 'operands' | 'values'>,
  gateway: Gateway,
  { terminal, json, signal }: Pick<Tools, 'terminal' | 'json' | 'signal'>,
): Promise<number> {
  const { title, timezone, until } = values as Record<string, string | undefined>;
  const body = given({ title, shows: values['shows'] as string[] | undefined, expiresAt: until, timezone });
  const made = await make(`${gateway.url.replace(/\/+$/, '')}/jobs/${encodeURIComponent(operands[0] ?? '')}/links`, body, gateway.headers, signal);
  // Without PUBLIC_URL the gateway does not know where others reach it: here it was reached.
  const statusUrl = new URL(made.statusUrl, gateway.url).href;
  if (json) {
    terminal.json({ ...made, statusUrl });
    return EXIT.ok;
  }
  terminal.print(statusUrl);
  const allowed = made.shows.length === 0 ? 'nothing can be downloaded there' : `${made.shows.join(' and ')} can be downloaded there`;
  terminal.say(`whoever has it sees how the job stands until ${made.expiresAt}; ${allowed}`);
  return EXIT.ok;
}

async function make(url: string, body: object, headers: Record<string, string>, stop: AbortSignal): Promise<Link> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(ANSWER_MS)]);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal,
    });
    text = await response.text();
  } catch (cause) {
    throw new UnreachableError(`expected an answer to POST ${url}, got none`, { cause });
  }
  if (response.ok) return JSON.parse(text) as Link;
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
