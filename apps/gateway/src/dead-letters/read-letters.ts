import { type DeadLetterFilter, isUuid, type LetterNote, Refusal, type SubmitOptions } from '@app/core';
import type { FastifyRequest } from 'fastify';
import { type LetterEdits, withoutUndefined } from '@app/host';
import { bodyConditions, bodyFields } from '../http/body-fields.js';
import { readNote } from '../http/pause-note.js';
import { rateFaults } from '../jobs/bulk-choice.js';
import { QueryReader } from '../jobs/list-query.js';
import { editedPayload, NOTE } from '../jobs/redrive.controller.js';
import { optionFaults } from '../submissions/http/submission.dto.js';

/** The fields of an act on many letters. */
const CHOICE = ['reason', 'kind', 'queue', 'source', 'group', 'from', 'to', 'all', 'dryRun', 'rate', 'note'];

/** Microseconds and an id: see `DeadLetters.list`. */
function isCursor(text: string): boolean {
  const [time = '', ...id] = text.split('-');
  return /^\d{1,17}$/.test(time) && isUuid(id.join('-'));
}

/** Reads the conditions of a query, or of the body of an act on many. */
export function readFilter(query: Record<string, unknown>): DeadLetterFilter {
  const reader = new QueryReader(query, ['reason', 'kind', 'queue', 'source', 'group', 'from', 'to', 'redriven', 'discarded', 'tenant', 'cursor', 'limit']);
  const given = {
    reason: reader.text('reason'),
    kind: reader.text('kind'),
    queue: reader.text('queue'),
    source: reader.oneOf('source', ['job', 'message'] as const),
    group: reader.text('group'),
    from: reader.time('from'),
    to: reader.time('to'),
    cursor: reader.cursor(isCursor),
  };
  const also = (name: string) => reader.oneOf(name, ['true', 'false'] as const) === 'true';
  return { ...withoutUndefined(given), redriven: also('redriven'), discarded: also('discarded'), limit: reader.limit() };
}

/** Reads the body of a bulk call. An empty body is refused: mostly a filter was forgotten, so it must not mean all letters. */
export function readBulk(body: unknown): { filter: DeadLetterFilter; dryRun: boolean; rate?: number; note: LetterNote } {
  const { all, dryRun, rate, note, ...given } = bodyConditions(body, CHOICE);
  const faults = rateFaults(rate);
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the rate is not valid', faults);
  for (const [name, value] of Object.entries({ all, dryRun })) {
    if (value !== undefined && typeof value !== 'boolean')
      throw new Refusal('invalid_payload', `expected ${name} to be true or false`, [{ pointer: `/${name}`, detail: 'must be true or false' }]);
  }
  const filtered = Object.values(given).some((value) => value !== undefined);
  if (filtered === (all === true)) {
    throw new Refusal('invalid_payload', 'expected a filter (reason, kind, queue, source, group, from, to), or {"all": true} for all, and not both', [
      { pointer: filtered ? '/all' : '', detail: filtered ? 'must not be given together with a filter' : 'must hold a filter, or all: true' },
    ]);
  }
  return { filter: readFilter(given), dryRun: dryRun === true, ...withoutUndefined({ rate: rate as number | undefined }), note: readDiscardNote(note) };
}

function readDiscardNote(note: unknown): LetterNote {
  if (note === undefined) return {};
  if (typeof note !== 'object' || note === null || Array.isArray(note))
    throw new Refusal('invalid_payload', 'expected note to be an object', [{ pointer: '/note', detail: 'must be an object with reason and by' }]);
  return readNote(note, 'the note is not valid', '/note');
}

const EDITS = ['kind', 'payload', 'options', ...NOTE];

export function readEdits(body: unknown, request: FastifyRequest): LetterEdits {
  const { kind, options } = bodyFields(body, EDITS);
  const payload = editedPayload(body, request, EDITS);
  const faults = options === undefined ? [] : optionFaults(options, '/options');
  if (kind !== undefined && typeof kind !== 'string') faults.unshift({ pointer: '/kind', detail: 'must be a string' });
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the edits are not valid', faults);
  return {
    ...(kind === undefined ? {} : { kind: kind as string }),
    ...(payload === undefined ? {} : { payload }),
    ...(options === undefined ? {} : { options: options as SubmitOptions }),
  };
}
