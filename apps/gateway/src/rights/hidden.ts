import { type JobConditions, Refusal } from '@app/core';
import { allows } from '@app/host';
import type { FastifyRequest } from 'fastify';
import { principalOf } from './caller.js';

/** The fields of answers and events whose values come from callers or handlers. */
const HIDDEN = new Set(['payload', 'result', 'stack', 'body', 'headers', 'output', 'original', 'edited']);

/** The JSON of an answer or an event for somebody who may not see payloads: their fields are null, and `payloadHidden` says so. */
export function withoutPayloads(json: string): string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return 'null';
  }
  const hid = hide(value);
  if (hid && typeof value === 'object' && value !== null && !Array.isArray(value)) (value as Record<string, unknown>)['payloadHidden'] = true;
  return JSON.stringify(value);
}

/** Whether something was hidden. */
function hide(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  let hid = false;
  for (const [name, inner] of Object.entries(value)) {
    if (!Array.isArray(value) && HIDDEN.has(name) && inner !== null) {
      (value as Record<string, unknown>)[name] = null;
      hid = true;
    } else if (hide(inner)) hid = true;
  }
  return hid;
}

/** Throws unless the caller may see payloads, where jobs are chosen by them: whoever is told which jobs fit a guess learns a payload guess by guess. */
export function requirePayloads(request: FastifyRequest, { payload }: Pick<JobConditions, 'payload'>): void {
  if (payload === undefined || allows(principalOf(request.raw), 'jobs:payload')) return;
  throw new Refusal('insufficient_scope', 'expected a key with the scope jobs:payload, to choose jobs by their payload');
}
