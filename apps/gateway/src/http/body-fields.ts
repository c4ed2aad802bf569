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

/**
 * The same of conditions that say for what an act is. An empty text is refused: in a query it is a form's field in which nothing was chosen, but in a body mostly a
 * variable that was not set, and without that condition the act would be for all.
 */
export function bodyConditions(body: unknown, known: readonly string[]): Record<string, unknown> {
  const fields = bodyFields(body, known);
  const empty = Object.keys(fields).find((name) => fields[name] === '');
  if (empty === undefined) return fields;
  throw new Refusal('invalid_payload', `expected ${empty} to be a text of a character at least, got an empty one`, [
    { pointer: `/${empty}`, detail: 'must not be empty; leave it out where it is to be no condition' },
  ]);
}
