import { type Fault, type JobOption, JOB_OPTIONS } from '@app/core';
import { LONGEST_NAME, meantBy, plainName, UNKNOWN } from '../../http/dto-faults.js';

const OPTIONS = Object.entries<JobOption>(JOB_OPTIONS);
/** Names that other libraries use for Longhaul's options. */
export const ALIASES = Object.fromEntries(OPTIONS.flatMap(([name, { others = [] }]) => others.map((other) => [other, name])));
/** The meaning of an option whose name in other libraries means something slightly different. */
const MEANINGS = Object.fromEntries(OPTIONS.flatMap(([name, { meaning }]) => (meaning === undefined ? [] : [[name, meaning]])));

const KEY_HINT = 'is not a known field; send it as the Idempotency-Key header, or in a batch as idempotencyKey of the entry';
/** Names that other libraries use for an idempotency key. */
const KEY_NAMES = ['idempotencykey', 'jobid', 'id', 'key', 'uniqueid', 'dedupekey', 'deduplicationid', 'deduplicationkey', 'messageid', 'requestid'];
/** Names that other libraries use for the fields of a submission. */
const FIELD_ALIASES: Readonly<Record<string, string>> = {
  type: 'kind',
  name: 'kind',
  job: 'kind',
  jobtype: 'kind',
  jobname: 'kind',
  task: 'kind',
  taskname: 'kind',
  data: 'payload',
  args: 'payload',
  arguments: 'payload',
  params: 'payload',
  parameters: 'payload',
  input: 'payload',
  body: 'payload',
  opts: 'options',
  option: 'options',
  settings: 'options',
};

/** The fault of an unknown option. It says what the intended option expects, or where a key belongs. */
export function explained(fault: Fault, pointer: string): Fault {
  if (!fault.detail.startsWith(UNKNOWN)) return fault;
  if (isKeyName(fault.pointer.slice(pointer.length + 1))) return { ...fault, detail: KEY_HINT };
  const meaning = MEANINGS[/did you mean "(\w+)"\?$/.exec(fault.detail)?.[1] ?? ''];
  return meaning === undefined ? fault : { ...fault, detail: fault.detail.replace(/\?$/, ` (${meaning})?`) };
}

/** The fault of an unknown field of a submission: another name for a known field, or an option in the wrong place. */
export function unknownField(name: string, fields: readonly string[], options: string[]): string {
  const plain = plainName(name);
  const field = FIELD_ALIASES[plain] ?? fields.find((known) => known.toLowerCase() === plain);
  if (field !== undefined) return `${UNKNOWN}; did you mean "${field}"?`;
  if (isKeyName(name)) return KEY_HINT;
  const option = name.length > LONGEST_NAME ? undefined : meantBy(name, options, ALIASES);
  return option === undefined ? UNKNOWN : `${UNKNOWN}; did you mean "options": {"${option}": …}?`;
}

function isKeyName(name: string): boolean {
  return KEY_NAMES.includes(plainName(name));
}
