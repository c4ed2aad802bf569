import {
  CODE_ID_PREFIX,
  type Duration,
  jsonText,
  type KindPolicy,
  type MissedRule,
  type Overlap,
  SCHEDULE_ID,
  scheduledOptionFaults,
  scheduleFaults,
  type ScheduleSettings,
  type SubmitOptions,
  toSettings,
} from '@app/core';
import { cronPatterns } from './cron-patterns.js';

interface Rest<Payload> {
  /** Left out, `{}`. */
  payload?: Partial<Payload>;
  /** Of its jobs; not `runAt`, `delay` and `unique`. */
  options?: Omit<SubmitOptions, 'runAt' | 'delay' | 'unique'>;
  description?: string;
  /** While the last job has not ended: `skip` (default) makes none, `buffer` one when it has ended, `allow` one beside it, `cancel` one in its place. */
  overlap?: Overlap;
  /** Ticks that no gateway was there for: none, the `last` one (default), or `all` within `missedWindow`. */
  missed?: MissedRule;
  /** Default `1d`. */
  missedWindow?: Duration;
  /** Puts each job off by a part of it, which is the same in every process. */
  jitter?: Duration;
  /** RFC 3339. */
  startsAt?: string;
  endsAt?: string;
  /** So many failures in a row pause it. */
  pauseAfterFailures?: number;
}

/** When jobs of a kind are made by themselves. */
export type KindSchedule<Payload> = Rest<Payload> &
  (
    | { cron: string; timezone?: string; every?: never; anchor?: never; at?: never }
    | { every: Duration; anchor?: string; cron?: never; timezone?: never; at?: never }
    | { at: string; cron?: never; timezone?: never; every?: never; anchor?: never }
  );

const LISTED = [
  ...['cron', 'timezone', 'every', 'anchor', 'at', 'payload', 'options', 'description', 'overlap', 'missed', 'missedWindow', 'jitter', 'startsAt', 'endsAt'],
  'pauseAfterFailures',
];

/** The settings of a schedule in code. Throws a TypeError that names what is wrong, when the module is loaded. Times in the past are no fault: code stays. */
export function kindSchedule<Payload extends object>({ kind }: KindPolicy, schedule: KindSchedule<Payload>): ScheduleSettings {
  const written = schedule as object as Rest<Payload> & Record<string, unknown>;
  const unknown = Object.keys(written).find((name) => !LISTED.includes(name));
  if (unknown !== undefined) throw new TypeError(`expected the schedule of ${kind} to have only ${LISTED.join(', ')}, got: ${unknown}`);
  if (!SCHEDULE_ID.test(`${CODE_ID_PREFIX}${kind}`)) throw new TypeError(`expected a kind with a schedule to have 86 characters at most, got: ${kind}`);
  const { payload = {}, options = {}, cron, timezone, every, anchor, at, ...rest } = written;
  const spec = Object.fromEntries(Object.entries({ cron, timezone, every, anchor, at }).filter(([, value]) => value !== undefined));
  const faults = [...scheduleFaults({ ...rest, spec }, cronPatterns, Date.now(), { stays: true }), ...scheduledOptionFaults(options)];
  const [fault] = faults;
  if (fault) throw new TypeError(`the schedule of ${kind} is not valid: ${`${fault.pointer.replace(/^\/spec/, '')} ${fault.detail}`.trim()}`);
  return { ...toSettings({ ...rest, spec }), kind, payload: jsonText(payload), options };
}
