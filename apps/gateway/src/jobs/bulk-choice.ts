import { BULK_RATE_MAX } from '@app/contracts/schemas';
import { BULK_ACTS, type BulkAct, type Fault, isIntegerIn, type JobState, parseTimeOrDate, PRINTABLE, Refusal } from '@app/core';
import type { AskedAct } from '@app/host';
import { bodyFields } from '../http/body-fields.js';
import { cancelFaults, toCancelRequest } from './cancel-request.js';

const TEXT_MAX = 500;
const TEXTS = ['kind', 'queue', 'tag'] as const;
const FIELDS = ['filter', 'all', 'rate', 'dryRun'];

/** Reads the body of an act on many jobs. Refuses with a pointer for each fault; and without a condition, which mostly was forgotten, unless it says `all`. */
export function readBulkChoice(act: BulkAct, body: unknown): { asked: AskedAct; dryRun: boolean } {
  const note = act === 'cancel' ? ['reason', 'by', 'graceMs'] : [];
  const { filter, all, rate, dryRun, ...request } = bodyFields(body, [...FIELDS, ...note]);
  const faults: Fault[] = [...cancelFaults(request), ...filterFaults(act, filter)];
  for (const [name, value] of Object.entries({ all, dryRun }))
    if (value !== undefined && typeof value !== 'boolean') faults.push({ pointer: `/${name}`, detail: 'must be true or false' });
  if (rate !== undefined && !isIntegerIn(rate, 1, BULK_RATE_MAX))
    faults.push({ pointer: '/rate', detail: `must be a whole number from 1 to ${BULK_RATE_MAX}` });
  if (faults.length === 0) {
    const conditions = Object.keys(filter ?? {}).length;
    if (conditions === 0 && all !== true) faults.push({ pointer: '/filter', detail: 'must have a condition; all jobs are meant by "all": true' });
    if (conditions > 0 && all === true) faults.push({ pointer: '/all', detail: 'must not be given together with a filter' });
  }
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the choice of jobs is not valid', faults);
  const { before, ...texts } = (filter ?? {}) as Record<string, string> & { state?: JobState };
  return {
    asked: {
      act,
      filter: { ...texts, ...(before === undefined ? {} : { before: parseTimeOrDate(before) as Date }) },
      ...(rate === undefined ? {} : { rate: rate as number }),
      ...toCancelRequest(request),
    },
    dryRun: dryRun === true,
  };
}

function filterFaults(act: BulkAct, filter: unknown): Fault[] {
  if (filter === undefined) return [];
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) return [{ pointer: '/filter', detail: 'must be an object' }];
  const { state, before, ...texts } = filter as Record<string, unknown>;
  const faults: Fault[] = [];
  const states: readonly string[] = BULK_ACTS[act];
  if (state !== undefined && !states.includes(state as string)) faults.push({ pointer: '/filter/state', detail: `must be one of ${states.join(', ')}` });
  if (before !== undefined && (typeof before !== 'string' || !parseTimeOrDate(before)))
    faults.push({ pointer: '/filter/before', detail: 'must be a date, or an RFC 3339 time with its offset, such as 2026-01-31T08:00:00Z' });
  for (const [name, value] of Object.entries(texts)) {
    if (!(TEXTS as readonly string[]).includes(name)) faults.push({ pointer: `/filter/${name.slice(0, 50)}`, detail: 'is not a known field' });
    else if (typeof value !== 'string' || value.length < 1 || value.length > TEXT_MAX || !PRINTABLE.test(value))
      faults.push({ pointer: `/filter/${name}`, detail: `must be a printable text of 1 to ${TEXT_MAX} characters` });
  }
  return faults;
}
