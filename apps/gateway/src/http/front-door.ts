import type { IncomingMessage } from 'node:http';
import type { ProblemCode } from '@app/contracts';
import { hostProblem, type HostRule, type MessageProblem, sizeProblem } from '@app/host';
import type { OriginRule } from './origin-rule.js';

/** A refusal before anybody has looked at what is asked. */
export interface DoorProblem extends MessageProblem {
  code: ProblemCode;
}

export interface DoorRules {
  hosts: HostRule;
  origins: OriginRule;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Probes ask by whatever name their balancer has; they are told nothing but whether it is well. */
export function isProbe(path: string): boolean {
  return path === '/health/live' || path === '/health/ready';
}

/**
 * Whether a request may come in, whichever way it came: over a route, without one, or to become a WebSocket. Looks at its head alone, each
 * part once. `changes`: it may change something, or is read by whoever opened it, as a WebSocket is.
 */
export function doorProblem(
  request: IncomingMessage,
  target: string,
  path: string,
  { hosts, origins }: DoorRules,
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

/** As a caller sent it, cut. */
export function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
