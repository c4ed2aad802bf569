import type { IncomingMessage } from 'node:http';
import type { ProblemCode } from '@app/contracts';
import { hostProblem, type HostRule, type MessageProblem, sizeProblem } from '@app/host';
import type { OriginRule } from './origin-rule.js';
import type { TrustedProxies } from './trusted-proxies.js';

/** A refusal of a request that was not routed yet. */
export interface DoorProblem extends MessageProblem {
  code: ProblemCode;
}

export interface DoorRules {
  hosts: HostRule;
  origins: OriginRule;
  /** Null where the address of a caller is that of its connection. */
  proxies: TrustedProxies | null;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Paths that are answered under any host name, because probes use the name of their load balancer. The answers only say whether the process is well. */
export function isProbe(path: string): boolean {
  return path === '/health/live' || path === '/health/ready';
}

/**
 * Decides whether a request is let in, with a route, without one, or to become a WebSocket. It reads only the head, each part once. `changes`: the
 * request may change something, or its opener can read it in any case, as with a WebSocket.
 */
export function doorProblem(
  request: IncomingMessage,
  target: string,
  path: string,
  { hosts, origins }: Pick<DoorRules, 'hosts' | 'origins'>,
  changes = !SAFE.has(request.method ?? ''),
): DoorProblem | undefined {
  const problem = sizeProblem(request, target) ?? hostProblem(request, target, hosts, isProbe(path));
  if (problem) return problem;
  const { headers } = request;
  if (changes && origins.isForeign(headers, headers.host)) return foreign(headers.origin);
  const { expect } = headers;
  if (expect !== undefined && expect.toLowerCase() !== '100-continue')
    return { code: 'expectation_failed', detail: `expected Expect to be 100-continue, got: ${shown(expect)}` };
  return undefined;
}

function foreign(origin: string | undefined): DoorProblem {
  const from = origin === undefined ? 'another site' : `origin ${shown(origin)}`;
  return {
    code: 'foreign_origin',
    detail: `expected a request from our own pages or from no page, got one from ${from}; an operator lets an origin in with CORS_ORIGINS`,
  };
}

/** The caller's text, cut to a limited length. */
export function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
