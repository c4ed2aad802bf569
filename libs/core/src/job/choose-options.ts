import { type Duration, parseDuration } from '../kit/duration.js';
import { PRINTABLE } from '../kit/printable.js';
import { type Fault, got, Refusal } from './errors.js';
import { type ChosenOptions, JOB_OPTIONS, type JobOption, KEEPS, type OptionOf, type SubmitOptions, type UniqueOption } from './job-options.js';
import { isIntegerIn, type KindPolicy, QUEUE_PATTERN } from './kind.js';
import { DEFAULT_TENANT } from './tenant.js';
import { parseTime } from './time.js';

/** The options with the kind's defaults filled in. Refuses with a pointer for each that is out of range; `now` is the store's time. */
export function chooseOptions(options: SubmitOptions | undefined, policy: KindPolicy, now: number): ChosenOptions {
  if (options === undefined) return optionsOf(policy);
  const faults: Fault[] = [];
  const fault = (name: string, detail: string) => faults.push({ pointer: `/options/${name}`, detail });
  const ms = (name: OptionOf<'duration'>): number | null => {
    const value = options[name];
    if (value === undefined) return null;
    const { min, max } = JOB_OPTIONS[name];
    const parsed = parseDuration(value);
    if (parsed !== undefined && parsed >= min && parsed <= max) return parsed;
    fault(name, `must be milliseconds from ${min} to ${max}, or text such as "30s", "15m" or "PT15M"`);
    return null;
  };
  const integer = (name: OptionOf<'integer'>): number => {
    const { min, max } = JOB_OPTIONS[name];
    const value = options[name] ?? policy[name];
    if (!isIntegerIn(value, min, max)) fault(name, `must be a whole number from ${min} to ${max}`);
    return value;
  };
  const queue = options.queue ?? policy.queue;
  if (!QUEUE_PATTERN.test(queue)) fault('queue', `must match ${QUEUE_PATTERN.source}`);
  const runAt = options.runAt === undefined ? null : (parseTime(options.runAt) ?? new Date(NaN));
  if (runAt && !(Math.abs(runAt.getTime() - now) <= JOB_OPTIONS.runAt.max))
    fault('runAt', 'must be an RFC 3339 time with its offset, such as 2026-01-31T08:00:00Z, within ten years');
  if (options.runAt !== undefined && options.delay !== undefined) fault('delay', 'must not be given together with runAt');
  const chosen: ChosenOptions = {
    queue,
    priority: integer('priority'),
    maxAttempts: integer('maxAttempts'),
    timeoutMs: ms('timeout') ?? policy.timeoutMs,
    tags: options.tags ?? [],
    tenant: DEFAULT_TENANT,
    runAt,
    delayMs: ms('delay'),
  };
  if (options.startBefore !== undefined) boundStart(chosen, options.startBefore, now, fault);
  if (options.unique !== undefined) chooseUnique(chosen, options.unique, fault);
  if (options.flowKey !== undefined) chosen.flowKey = keyOf('flowKey', JOB_OPTIONS.flowKey, options.flowKey, fault);
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the options are not valid', faults);
  return chosen;
}

/** Reads until when a job must have started. */
function boundStart(chosen: ChosenOptions, given: Duration, now: number, fault: (name: 'startBefore', detail: string) => void): void {
  const { min, max } = JOB_OPTIONS.startBefore;
  const time = typeof given === 'string' ? parseTime(given) : undefined;
  const within = time === undefined ? parseDuration(given) : time.getTime() - now;
  if (within === undefined)
    return fault('startBefore', 'must be an RFC 3339 time with its offset, such as 2026-01-31T08:00:00Z, or how long from now, such as "1h"');
  if (!(within >= min && within <= max))
    return fault('startBefore', `must be in the future, within ten years${time ? `; it is ${new Date(now).toISOString()} now` : ''}`);
  const earliest = chosen.runAt ? chosen.runAt.getTime() - now : (chosen.delayMs ?? 0);
  if (within <= earliest) return fault('startBefore', `must be after ${chosen.runAt ? 'runAt' : 'delay'}: the job could never start`);
  if (time) chosen.startBefore = time;
  else chosen.startWithinMs = within;
}

/** A key, which code may have written without a check. */
function keyOf(name: string, { min, max }: JobOption, key: string, fault: (name: string, detail: string) => void): string {
  const sound = typeof key === 'string' && key.length >= min && key.length <= max && PRINTABLE.test(key);
  if (!sound) fault(name, `must be ${min} to ${max} printable characters${got(key)}`);
  return key;
}

/** Reads a unique key, which code may have written without a check. */
function chooseUnique(chosen: ChosenOptions, given: UniqueOption, fault: (name: string, detail: string) => void): void {
  if (typeof given !== 'object' || (given as unknown) === null) return fault('unique', `must be an object with key and keep${got(given)}`);
  const { key, keep = 'oldest', ...others } = given;
  keyOf('unique/key', JOB_OPTIONS.unique, key, fault);
  if (!KEEPS.includes(keep)) fault('unique/keep', `must be one of ${KEEPS.join(', ')}${got(keep)}`);
  for (const name of Object.keys(others).slice(0, 1)) fault(`unique/${name.slice(0, 40)}`, 'is not a known field; it has key and keep');
  chosen.unique = { key, keep };
}

/** Those of a job that chooses nothing. A policy was checked when it was made. */
function optionsOf({ queue, priority, maxAttempts, timeoutMs }: KindPolicy): ChosenOptions {
  return { queue, priority, maxAttempts, timeoutMs, tags: [], tenant: DEFAULT_TENANT, runAt: null, delayMs: null };
}
