import type { IncomingMessage } from 'node:http';
import type { ProblemCode } from '@app/contracts';
import type { HostRule } from './host-rule.js';
import { MAX_HEADERS, MAX_URL_BYTES } from './limits.js';

/** Why a request is refused before it is routed. */
export interface MessageProblem {
  code: ProblemCode;
  detail: string;
}

/** Limits the work that the head of a request may cause. `target` is its unchanged URL. */
export function sizeProblem({ rawHeaders }: IncomingMessage, target: string): MessageProblem | undefined {
  if (target.length > MAX_URL_BYTES) return { code: 'uri_too_long', detail: `expected a URL of at most ${MAX_URL_BYTES} bytes, got ${target.length}` };
  if (rawHeaders.length > 2 * MAX_HEADERS)
    return { code: 'headers_too_large', detail: `expected at most ${MAX_HEADERS} headers, got ${rawHeaders.length / 2}` };
  return undefined;
}

/**
 * Checks the host of a request (RFC 9112, 3.2): the one in its target, else the only `Host` header. HTTP/1.0 may have none: some load
 * balancers send that, and no browser does. `open` allows any host, which probes need.
 */
export function hostProblem(request: IncomingMessage, target: string, hosts: HostRule, open: boolean): MessageProblem | undefined {
  const { host } = request.headers;
  if (countHosts(request.rawHeaders) > 1) return malformed('expected one Host header, got several');
  if (host === undefined && request.httpVersionMinor > 0) return malformed('expected a Host header, got none');
  const named = target.startsWith('/') ? host : (authorityOf(target) ?? host);
  if (named === undefined) return undefined;
  const verdict = hosts(named);
  // RFC 9112: a malformed Host is refused even when the target names a host.
  if (verdict === 'malformed' || (host !== undefined && named !== host && hosts(host) === 'malformed'))
    return malformed(`expected Host to be a host and perhaps a port, got: ${JSON.stringify(named.slice(0, 100))}`);
  if (verdict === 'allowed' || open) return undefined;
  return {
    code: 'misdirected_request',
    detail: `expected a host that is served here, got: ${JSON.stringify(named.slice(0, 100))}; an operator lets it in with ALLOWED_HOSTS or PUBLIC_URL`,
  };
}

function malformed(detail: string): MessageProblem {
  return { code: 'malformed_request', detail };
}

/** The number of `Host` headers, read from the raw headers: Node itself keeps only the first. */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count;
}

/** The host of a target in absolute form. */
function authorityOf(target: string): string | undefined {
  return /^https?:\/\/([^/?#]*)/i.exec(target)?.[1];
}
