import { BULK_RATE_MAX } from '@app/contracts/schemas';
import {
  BULK_ACTS,
  type BulkAct,
  type BulkFilter,
  exactMember,
  type Fault,
  filterFaults,
  got,
  isIntegerIn,
  isOwnKind,
  MOST_IDS,
  parseTimeOrDate,
  QUEUE_PATTERN,
  readJobFilter,
  Refusal,
} from '@app/core';
import type { AskedAct } from '@app/host';
import { bodyFields } from '../http/body-fields.js';
import { cancelFaults, toCancelRequest } from './cancel-request.js';

const FIELDS = ['filter', 'all', 'rate', 'dryRun', 'reason', 'by'];
/** What an act takes beside them. */
const OWN_FIELDS: Record<BulkAct, readonly string[]> = { cancel: ['graceMs'], redrive: [], reprioritise: ['priority'], move: ['queue'], discard: [] };
const GROUP = /^[0-9a-f]{16}$/;
const PRIORITY_MAX = 9;

/** Reads the body of an act on many jobs. Refuses with a pointer for each fault; and without a condition, which mostly was forgotten, unless it says `all`. `filterText`: the text of its filter. */
export function readBulkChoice(act: BulkAct, body: unknown, filterText?: string): { asked: AskedAct; dryRun: boolean } {
  const { filter, all, rate, dryRun, priority, queue, ...request } = bodyFields(body, [...FIELDS, ...OWN_FIELDS[act]]);
  const choice = readFilter(act, filter, filterText);
  const faults: Fault[] = [...cancelFaults(request), ...choice.faults];
  for (const [name, value] of Object.entries({ all, dryRun }))
    if (value !== undefined && typeof value !== 'boolean') faults.push({ pointer: `/${name}`, detail: 'must be true or false' });
  faults.push(...rateFaults(rate));
  if (act === 'reprioritise' && !isIntegerIn(priority, 0, PRIORITY_MAX))
    faults.push({ pointer: '/priority', detail: `must be a whole number from 0 to ${PRIORITY_MAX}${got(priority)}` });
  if (act === 'move') faults.push(...queueFaults(queue, choice.filter));
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
      ...(act === 'reprioritise' ? { toPriority: priority as number } : {}),
      ...(act === 'move' ? { toQueue: queue as string } : {}),
      ...(rate === undefined ? {} : { rate: rate as number }),
      ...toCancelRequest(request),
    },
    dryRun: dryRun === true,
  };
}

/** What is wrong with how many an act may change in a second. */
export function rateFaults(rate: unknown): Fault[] {
  if (rate === undefined || isIntegerIn(rate, 1, BULK_RATE_MAX)) return [];
  return [{ pointer: '/rate', detail: `must be a whole number from 1 to ${BULK_RATE_MAX}` }];
}

/** Longhaul's own jobs stay where they are: every process takes their queues, and a queue of others may have workers that do not know them. */
function queueFaults(queue: unknown, { queue: from, kinds = [] }: AskedAct['filter']): Fault[] {
  const faults: Fault[] = [];
  if (typeof queue !== 'string' || !QUEUE_PATTERN.test(queue)) faults.push({ pointer: '/queue', detail: `must match ${QUEUE_PATTERN.source}${got(queue)}` });
  else if (queue === from) faults.push({ pointer: '/queue', detail: `must be another queue than that of the filter${got(queue)}` });
  const own = kinds.find(isOwnKind);
  if (own !== undefined) faults.push({ pointer: '/filter/kind', detail: `must not be one of Longhaul's own kinds, whose jobs stay in their queue${got(own)}` });
  return faults;
}

function readFilter(act: BulkAct, filter: unknown, filterText?: string): { filter: AskedAct['filter']; faults: Fault[] } {
  if (filter === undefined) return { filter: {}, faults: [] };
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter))
    return { filter: {}, faults: [{ pointer: '/filter', detail: 'must be an object' }] };
  const { before, ...others } = filter as Record<string, unknown>;
  const { group } = others;
  // Only failed jobs have dead letters: of other acts it is an unknown field.
  const isOfFailed = act === 'redrive' || act === 'discard';
  if (isOfFailed) delete others['group'];
  const { conditions, faults } = readJobFilter(others, BULK_ACTS[act], MOST_IDS, exactMember(filterText, 'payload'));
  const read = filterFaults(faults, '/filter');
  const more: Partial<Pick<BulkFilter, 'before' | 'group'>> = {};
  if (typeof group === 'string' && GROUP.test(group)) more.group = group;
  else if (group !== undefined && isOfFailed)
    read.push({ pointer: '/filter/group', detail: `must be a group of dead letters, 16 hexadecimal digits${got(group)}` });
  const time = typeof before === 'string' ? parseTimeOrDate(before) : undefined;
  if (time) more.before = time;
  else if (before !== undefined)
    read.push({ pointer: '/filter/before', detail: 'must be a date, or an RFC 3339 time with its offset, such as 2026-01-31T08:00:00Z' });
  return { filter: { ...conditions, ...more }, faults: read };
}
