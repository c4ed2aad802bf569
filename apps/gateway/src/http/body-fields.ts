import { Refusal } from '@app/core';

/** Reads the fields of an optional body; no body counts as an empty object. Refuses fields that are not on the list. */
export function bodyFields(body: unknown, known: readonly string[]): Record<string, unknown> {
  if (body === undefined || body === null || body === '') return {};
  if (typeof body !== 'object' || Array.isArray(body))
    throw new Refusal('invalid_payload', 'expected an object', [{ pointer: '', detail: 'must be an object' }]);
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Refusal('invalid_payload', `expected only ${known.join(', ')}`, [{ pointer: `/${unknown}`, detail: 'is not a known field' }]);
  return body as Record<string, unknown>;
}
