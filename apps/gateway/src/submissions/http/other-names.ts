import type { Fault } from '@app/core';
import { LONGEST_NAME, meantBy, plainName, UNKNOWN } from '../../http/dto-faults.js';

/** What others call our options. */
export const ALIASES = {
  retries: 'maxAttempts',
  retry: 'maxAttempts',
  attempts: 'maxAttempts',
  retrycount: 'maxAttempts',
  retrylimit: 'maxAttempts',
  maxretries: 'maxAttempts',
  maxtries: 'maxAttempts',
  tries: 'maxAttempts',
  queuename: 'queue',
  channel: 'queue',
  topic: 'queue',
  prio: 'priority',
  importance: 'priority',
  weight: 'priority',
  wait: 'delay',
  startin: 'delay',
  runin: 'delay',
  defer: 'delay',
  deferby: 'delay',
  countdown: 'delay',
  eta: 'runAt',
  at: 'runAt',
  schedule: 'runAt',
  scheduledat: 'runAt',
  scheduledfor: 'runAt',
  scheduledtime: 'runAt',
  scheduletime: 'runAt',
  startat: 'runAt',
  startafter: 'runAt',
  startdate: 'runAt',
  runafter: 'runAt',
  runtime: 'runAt',
  availableat: 'runAt',
  delayuntil: 'runAt',
  notbefore: 'runAt',
  ttl: 'timeout',
  expiresin: 'timeout',
  expiration: 'timeout',
  deadline: 'timeout',
  timelimit: 'timeout',
  maxduration: 'timeout',
  maxruntime: 'timeout',
  jobtimeout: 'timeout',
  visibilitytimeout: 'timeout',
  webhook: 'callbackUrl',
  webhookurl: 'callbackUrl',
  callback: 'callbackUrl',
  callbackuri: 'callbackUrl',
  notifyurl: 'callbackUrl',
  onfinish: 'callbackUrl',
  email: 'notifyEmail',
  mail: 'notifyEmail',
  emailto: 'notifyEmail',
  notify: 'notifyEmail',
  labels: 'tags',
  keywords: 'tags',
} as const;

const TIME_SPAN = 'milliseconds, or text such as "30s"';
/** What the option means, where a name that others use for it means a little less or more. */
const MEANINGS: Readonly<Record<string, string>> = {
  delay: TIME_SPAN,
  timeout: `of one attempt; ${TIME_SPAN}`,
  maxAttempts: 'the first attempt counts too',
  runAt: 'an RFC 3339 time with its offset',
};

const KEY_HINT = 'is not a known field; send it as the Idempotency-Key header, or in a batch as idempotencyKey of the entry';
/** What others call an idempotency key. */
const KEY_NAMES = [
  'idempotencykey',
  'jobid',
  'id',
  'key',
  'uniquekey',
  'unique',
  'uniqueid',
  'dedupekey',
  'deduplicationid',
  'deduplicationkey',
  'messageid',
  'requestid',
];
/** What others call the fields of a submission. */
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

/** The fault of an unknown option with what the option that was meant expects, or where a key belongs. */
export function explained(fault: Fault, pointer: string): Fault {
  if (!fault.detail.startsWith(UNKNOWN)) return fault;
  if (isKeyName(fault.pointer.slice(pointer.length + 1))) return { ...fault, detail: KEY_HINT };
  const meaning = MEANINGS[/did you mean "(\w+)"\?$/.exec(fault.detail)?.[1] ?? ''];
  return meaning === undefined ? fault : { ...fault, detail: fault.detail.replace(/\?$/, ` (${meaning})?`) };
}

/** Of a field beside kind and payload: another one of them, or an option that stands in the wrong place. */
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
