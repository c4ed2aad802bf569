import { type Expected, Refusal } from '@app/core';

/** Which revision of a schedule a request is for: `If-Match: "3"` or `*`, `If-None-Match: *`, or neither. Refuses any other form: to ignore it would overwrite. */
export function expectedRevision(headers: Record<string, string | string[] | undefined>): Expected {
  const match = headers['if-match'];
  const none = headers['if-none-match'];
  if (match !== undefined && none !== undefined) throw new Refusal('malformed_request', 'expected If-Match or If-None-Match, got both');
  if (none !== undefined) {
    if (none === '*') return 'none';
    throw new Refusal('malformed_request', `expected If-None-Match to be *, got: ${shown(none)}`);
  }
  if (match === undefined) return 'any';
  if (match === '*') return 'some';
  const revision = typeof match === 'string' ? /^"(\d{1,9})"$/.exec(match.trim())?.[1] : undefined;
  if (revision === undefined) throw new Refusal('malformed_request', `expected If-Match to be a revision in quotes, such as "3", or *, got: ${shown(match)}`);
  return { revision: Number(revision) };
}

function shown(header: string | string[]): string {
  return JSON.stringify(header).slice(0, 100);
}
