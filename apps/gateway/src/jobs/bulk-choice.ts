import { BULK_RATE_MAX } from '@app/contracts/schemas';
import { BULK_ACTS, type BulkAct, type Fault, filterFaults, isIntegerIn, type JobConditions, parseTimeOrDate, readJobFilter, Refusal } from '@app/core';
import type { AskedAct } from '@app/host';
import { bodyFields } from '../http/body-fields.js';
import { cancelFaults, toCancelRequest } from './cancel-request.js';

const FIELDS = ['filter', 'all', 'rate', 'dryRun'];

/** Reads the body of an act on many jobs. Refuses with a pointer for each fault; and without a condition, which mostly was forgotten, unless it says `all`. */
export function readBulkChoice(act: BulkAct, body: unknown): { asked: AskedAct; dryRun: boolean } {
  const note = act === 'cancel' ? ['reason', 'by', 'graceMs'] : [];
  const { filter, all, rate, dryRun, ...request } = bodyFields(body, [...FIELDS, ...note]);
  const choice = readFilter(act, filter);
  const faults: Fault[] = [...cancelFaults(request), ...choice.faults];
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
  return {
    asked: {
      act,
      filter: choice.filter,
      ...(rate === undefined ? {} : { rate: rate as number }),
      ...toCancelRequest(request),
    },
    dryRun: dryRun === true,
  };
}

function readFilter(act: BulkAct, filter: unknown): { filter: JobConditions & { before?: Date }; faults: Fault[] } {
  if (filter === undefined) return { filter: {}, faults: [] };
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter))
    return { filter: {}, faults: [{ pointer: '/filter', detail: 'must be an object' }] };
  const { before, ...others } = filter as Record<string, unknown>;
  const { conditions, faults } = readJobFilter(others, BULK_ACTS[act]);
  const read = filterFaults(faults, '/filter');
  if (before === undefined) return { filter: conditions, faults: read };
  const time = typeof before === 'string' ? parseTimeOrDate(before) : undefined;
  if (!time) read.push({ pointer: '/filter/before', detail: 'must be a date, or an RFC 3339 time with its offset, such as 2026-01-31T08:00:00Z' });
  return { filter: { ...conditions, ...(time ? { before: time } : {}) }, faults: read };
}
