import { type Fault, got } from '../job/errors.js';
import { type JobId } from '../job/job.js';
import { JOB_STATES, type JobState } from '../job/lifecycle.js';
import { parseTimeOrDate } from '../job/time.js';
import { PRINTABLE } from '../kit/printable.js';
import { isUuid } from '../kit/uuid.js';
import { SCHEDULE_TAG } from '../schedules/schedule.js';
import { readPayloadCondition } from './payload-condition.js';

/** Which jobs are meant: those that fit all that is given. Lists and acts on many jobs choose by the same conditions. */
export interface JobConditions {
  /** Of this tenant; left out, of all. It is no field of a filter that callers write. */
  tenant?: string;
  /** One of these. */
  ids?: readonly JobId[];
  /** Of one of these states. */
  states?: readonly JobState[];
  /** Of one of these kinds. */
  kinds?: readonly string[];
  queue?: string;
  /** With all of these tags. */
  tags?: readonly string[];
  /** The key that a job was submitted with, while keys are kept. */
  idempotencyKey?: string;
  /** In the code, the name or the message of the last error, in whatever case. */
  error?: string;
  /** The text of a JSON object that the payload holds, see `readPayloadCondition`. There is one kind, then. */
  payload?: string;
  /** Times from this one on, and before that one. */
  createdFrom?: Date;
  createdTo?: Date;
  finishedFrom?: Date;
  finishedTo?: Date;
}

/** How many values a condition may have. */
const MOST_VALUES = 20;
/** Ids that an act on many jobs may name: a selection that somebody has made by hand. */
export const MOST_IDS = 1_000;
const TEXT_MAX = 500;
const TIMES = ['createdFrom', 'createdTo', 'finishedFrom', 'finishedTo'] as const;
const A_TIME = 'a date, or an RFC 3339 time with its offset, such as 2026-01-31T08:00:00Z';
const A_TEXT = `a printable text of 1 to ${TEXT_MAX} characters`;

/** The names of the conditions, as callers write them. `schedule` is a tag that the jobs of a schedule have. */
export const JOB_FILTER_FIELDS = ['state', 'kind', 'queue', 'tag', 'schedule', 'id', 'idempotencyKey', 'error', 'payload', ...TIMES] as const;

/** What is wrong with a condition: its name, the place of the value among several, what it has to be, and the value that came. */
export interface FilterFault {
  field: string;
  index?: number;
  expected: string;
  value: unknown;
}

/**
 * Reads the conditions that a caller has written, in a query or in a body. `state`, `kind` and `tag` are one text or a list of them.
 * What is not given, or does not fit, is no condition. `states`: those that may be chosen; `mostIds`: more than one lets `id` be a list, too. `exactPayload`: the text
 * of the member `payload`, where its value was read into doubles.
 */
export function readJobFilter(
  fields: Record<string, unknown>,
  states: readonly JobState[] = JOB_STATES,
  mostIds = 1,
  exactPayload?: string,
): { conditions: JobConditions; faults: FilterFault[] } {
  const faults: FilterFault[] = [];
  const conditions: JobConditions = {};
  const wrong = (field: string, expected: string, value: unknown, index?: number) =>
    void faults.push({ field, expected, value, ...(index === undefined ? {} : { index }) });
  const values = (field: string, expected: string, fits: (value: unknown) => boolean, most = MOST_VALUES): string[] | undefined => {
    const given = fields[field];
    if (given === undefined) return undefined;
    const list: unknown[] = Array.isArray(given) ? given : [given];
    // What is far too long is not looked at one by one.
    if (list.length < 1 || list.length > most) {
      wrong(field, `one or a list of 1 to ${most}, each ${expected}`, given);
      return undefined;
    }
    for (const [index, value] of list.entries()) if (!fits(value)) wrong(field, expected, value, Array.isArray(given) ? index : undefined);
    return [...new Set(list.filter(fits))] as string[];
  };
  const one = (field: string, expected: string, fits: (value: unknown) => boolean): string | undefined => {
    const given = fields[field];
    if (given === undefined) return undefined;
    if (fits(given)) return given as string;
    wrong(field, expected, given);
    return undefined;
  };
  const unknown = Object.keys(fields).filter((name) => !(JOB_FILTER_FIELDS as readonly string[]).includes(name));
  for (const name of unknown) wrong(name.slice(0, 50), `one of ${JOB_FILTER_FIELDS.join(', ')}`, fields[name]);

  const chosen = values('state', `one of ${states.join(', ')}`, (value) => (states as readonly unknown[]).includes(value));
  if (chosen) conditions.states = chosen as JobState[];
  const kinds = values('kind', A_TEXT, isText);
  if (kinds) conditions.kinds = kinds;
  const tags = [...(values('tag', A_TEXT, isText) ?? []), ...(values('schedule', A_TEXT, isText) ?? []).map((id) => SCHEDULE_TAG + id)];
  if (tags.length > 0) conditions.tags = tags;
  const queue = one('queue', A_TEXT, isText);
  if (queue !== undefined) conditions.queue = queue;
  const ids = (mostIds > 1 ? values : one)('id', 'the id of a job', (value) => typeof value === 'string' && isUuid(value), mostIds);
  if (ids !== undefined) conditions.ids = [ids].flat() as JobId[];
  const idempotencyKey = one('idempotencyKey', A_TEXT, isText);
  if (idempotencyKey !== undefined) conditions.idempotencyKey = idempotencyKey;
  const error = one('error', A_TEXT, isText);
  if (error !== undefined) conditions.error = error;
  if (fields['payload'] !== undefined) {
    const read = readPayloadCondition(fields['payload'], exactPayload);
    if ('text' in read) conditions.payload = read.text;
    else wrong('payload', read.expected, fields['payload']);
    // An index of payloads is one of a kind, and the same member means something else in another kind.
    if (kinds?.length !== 1 && !faults.some(({ field }) => field === 'kind'))
      wrong('kind', 'one kind, in whose jobs the payload is looked for', fields['kind'] ?? null);
  }
  for (const field of TIMES) {
    const given = one(field, A_TIME, (value) => typeof value === 'string' && parseTimeOrDate(value) !== undefined);
    const time = typeof given === 'string' ? parseTimeOrDate(given) : undefined;
    if (time) conditions[field] = time;
  }
  for (const [from, to] of [
    ['createdFrom', 'createdTo'],
    ['finishedFrom', 'finishedTo'],
  ] as const) {
    // prettier-ignore
    const [begin, end] = [conditions[from], conditions[to]];
    if (begin && end && begin >= end) wrong(to, `later than ${from}`, fields[to]);
  }
  return { conditions, faults };
}

/** The same as callers write it, so that it can be stored and read again. One value is no list: so the version before, which knew no lists, reads it too. */
export function writeJobFilter(conditions: JobConditions): Record<string, string | string[]> {
  const { ids, states, kinds, queue, tags, idempotencyKey, error, payload } = conditions;
  const one = (list?: readonly string[]) => (list?.length === 1 ? list[0] : list);
  const texts = { id: one(ids), state: one(states), kind: one(kinds), queue, tag: one(tags), idempotencyKey, error, payload };
  const times = TIMES.map((field) => [field, conditions[field]?.toISOString()] as const);
  return Object.fromEntries([...Object.entries(texts), ...times].flatMap(([name, value]) => (value === undefined ? [] : [[name, value as string | string[]]])));
}

/** The faults of conditions in a body, at `pointer`. */
export function filterFaults(faults: readonly FilterFault[], pointer = ''): Fault[] {
  return faults.map(({ field, index, expected, value }) => ({
    pointer: `${pointer}/${field}${index === undefined ? '' : `/${index}`}`,
    detail: (JOB_FILTER_FIELDS as readonly string[]).includes(field) ? `must be ${expected}${got(value)}` : 'is not a known field',
  }));
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= TEXT_MAX && PRINTABLE.test(value);
}
