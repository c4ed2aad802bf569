import { type Duration, parseDuration } from '../kit/duration.js';
import { type Fault, Refusal } from './errors.js';
import { MAX_URL_LENGTH } from './http-url.js';
import { isIntegerIn, type KindPolicy, LIMITS, QUEUE_PATTERN } from './kind.js';
import { boundStart, type ChosenStart, chooseUnique, KEEPS, keyOf, type UniqueOption } from './option-readers.js';
import { DEFAULT_TENANT } from './tenant.js';
import { parseTime } from './time.js';

export { isKey, type Keep, KEEPS, type UniqueOption } from './option-readers.js';

/** What the value of an option is. A door has one check and one description of each form. */
interface Values {
  name: string;
  integer: number;
  /** RFC 3339, with its offset. */
  time: string;
  duration: Duration;
  /** A time, or how long from now. */
  moment: Duration;
  url: string;
  email: string;
  tags: string[];
  /** Printable characters. */
  key: string;
  unique: UniqueOption;
}

export interface JobOption {
  form: keyof Values;
  /** Bounds, both inclusive: of a number its value, of a duration its milliseconds, of a text, and of each tag, its length. */
  min: number;
  max: number;
  /** How many entries a list may have. */
  most?: number;
  /** What the documents of the API say. */
  description?: string;
  example?: string;
  /** What stands for a value in the usage of the command line. */
  shown: string;
  /** What others call it, in small letters without what divides words; whoever sends one of these is told ours. */
  others?: readonly string[];
  /** What it means, where a name that others use for it means a little less or more. */
  meaning?: string;
  /** The channel of the address that it names. */
  channel?: string;
  /** Where a message of `longhaul.submit` has it; left out, an AMQP submission cannot choose it. */
  amqp?: AmqpHeader | { property: 'priority' };
}

interface AmqpHeader {
  header: string;
  description: string;
  /** A second header, which says more of the first. */
  more?: { header: string; description: string; values: readonly string[] };
}

const TIME_SPAN = 'milliseconds, or text such as "30s"';

/**
 * The options of a job. Both doors, the documents of the API, the client and the command line read them here; the order is that of the
 * documents, and of faults.
 */
export const JOB_OPTIONS = {
  queue: {
    form: 'name',
    min: 1,
    max: 63,
    example: 'default',
    shown: '<name>',
    amqp: { header: 'x-longhaul-queue', description: "The queue to run on, where it is not the kind's own: what `queue` is over HTTP" },
    others: ['queuename', 'channel', 'topic'],
  },
  /** 0 to 9. */
  priority: {
    form: 'integer',
    min: 0,
    max: LIMITS.priority,
    shown: `<0-${LIMITS.priority}>`,
    amqp: { property: 'priority' },
    others: ['prio', 'importance', 'weight'],
  },
  /** RFC 3339 time before which the job must not start. */
  runAt: {
    form: 'time',
    min: -LIMITS.delayMs,
    max: LIMITS.delayMs,
    shown: '<time>',
    others: [
      'eta',
      'at',
      'schedule',
      'scheduledat',
      'scheduledfor',
      'scheduledtime',
      'scheduletime',
      'startat',
      'startafter',
      'startdate',
      'runafter',
      'runtime',
      'availableat',
      'delayuntil',
      'notbefore',
    ],
    meaning: 'an RFC 3339 time with its offset',
  },
  delay: {
    form: 'duration',
    min: 0,
    max: LIMITS.delayMs,
    example: '15m',
    description: 'Milliseconds, or text such as 30s, 15m, 1w, PT15M, P1W',
    shown: '<30s>',
    amqp: { header: 'x-longhaul-delay-ms', description: 'Not before so many milliseconds: what `delay` is over HTTP' },
    others: ['wait', 'startin', 'runin', 'defer', 'deferby', 'countdown'],
    meaning: TIME_SPAN,
  },
  /** A job that has not started by then ends as failed, `expired`. */
  startBefore: {
    form: 'moment',
    min: 1,
    max: LIMITS.delayMs,
    example: '1h',
    description:
      'A time, or how long from now: a job that has not started by then ends as failed, with the code `expired`. One that has started once is not bound by it any more.',
    shown: '<time|1h>',
    amqp: {
      header: 'x-longhaul-start-before',
      description: 'An RFC 3339 time, or how long from now ("1h", milliseconds): a job that has not started by then fails. What `startBefore` is over HTTP',
    },
    others: ['startdeadline', 'startwithin', 'startby', 'expiresat', 'expireat', 'notafter', 'validuntil'],
    meaning: 'an RFC 3339 time, or how long from now',
  },
  timeout: {
    form: 'duration',
    min: 1,
    max: LIMITS.timeoutMs,
    example: '1h',
    description: 'Of one attempt',
    shown: '<15m>',
    others: ['ttl', 'expiresin', 'expiration', 'deadline', 'timelimit', 'maxduration', 'maxruntime', 'jobtimeout', 'visibilitytimeout'],
    meaning: `of one attempt; ${TIME_SPAN}`,
  },
  maxAttempts: {
    form: 'integer',
    min: 1,
    max: LIMITS.maxAttempts,
    shown: '<n>',
    others: ['retries', 'retry', 'attempts', 'retrycount', 'retrylimit', 'maxretries', 'maxtries', 'tries'],
    meaning: 'the first attempt counts too',
  },
  callbackUrl: {
    form: 'url',
    min: 1,
    max: MAX_URL_LENGTH,
    shown: '<url>',
    channel: 'webhook',
    others: ['webhook', 'webhookurl', 'callback', 'callbackuri', 'notifyurl', 'onfinish'],
  },
  notifyEmail: { form: 'email', min: 1, max: 320, shown: '<address>', channel: 'email', others: ['email', 'mail', 'emailto', 'notify'] },
  /** A job that has not started stands for others of its kind with the same key. */
  unique: {
    form: 'unique',
    min: 1,
    max: 255,
    description:
      'At most one job of its kind with this `key` waits, for its time or for its turn. `keep`: with `oldest` a submission is answered with the job that waits, and makes none; with `newest` it cancels that job, and its own waits in its place. A job that has started once does not count.',
    shown: '<key>',
    amqp: {
      header: 'x-longhaul-unique-key',
      description: 'At most one job of its kind with this key waits: what `unique.key` is over HTTP',
      more: {
        header: 'x-longhaul-unique-keep',
        description: 'Which one stays, the job that waits (`oldest`, which is the default) or the new one: what `unique.keep` is over HTTP',
        values: KEEPS,
      },
    },
    others: ['uniquekey', 'singleton', 'singletonkey', 'jobkey', 'debounce', 'throttle'],
    meaning: 'an object with key, and keep: "oldest" or "newest"',
  },
  /** Whose share of a fair queue it takes. */
  flowKey: {
    form: 'key',
    min: 1,
    max: 100,
    example: 'acme',
    description:
      'In a queue that is shared fairly: the key whose share the job takes, in place of what its tag or its kind says. Without meaning in other queues.',
    shown: '<key>',
    amqp: { header: 'x-longhaul-flow-key', description: 'The key whose share of a fair queue the job takes: what `flowKey` is over HTTP' },
    others: ['fairkey', 'fairnesskey', 'group', 'groupid', 'groupkey', 'partitionkey'],
    meaning: 'the key whose share of a fair queue the job takes',
  },
  tags: { form: 'tags', most: 20, min: 1, max: 100, shown: '<tag>', others: ['labels', 'keywords'] },
} as const satisfies Record<string, JobOption>;

type Options = typeof JOB_OPTIONS;
type OptionOf<Form extends keyof Values> = { [Name in keyof Options]: Options[Name]['form'] extends Form ? Name : never }[keyof Options];

/** What a caller may say of a job; what is left out is as its kind says. */
export type SubmitOptions = { -readonly [Name in keyof Options]?: Values[Options[Name]['form']] };

/** The options of a job as they are stored. */
export interface StoredOptions {
  queue: string;
  priority: number;
  maxAttempts: number;
  /** Milliseconds that one attempt may take; null for no limit. */
  timeoutMs: number | null;
  tags: string[];
  /** Whose it is. */
  tenant: string;
}

/** The same of a new job, with when it may start. */
export interface ChosenOptions extends StoredOptions, ChosenStart {
  /** Absent for most jobs. */
  unique?: Required<UniqueOption>;
  /** Whose share of a fair queue it takes; absent for most jobs. */
  flowKey?: string;
}

/**
 * Puts stored options into a job that has all the rest. One by one, for this is the hot path: `Object.assign` takes longer than all else that a
 * submission needs here (1.7 us of 3), and a spread of so many properties fifty times as long.
 */
export function withOptions<Rest extends object>(rest: Rest, { queue, priority, maxAttempts, timeoutMs, tags, tenant }: StoredOptions): Rest & StoredOptions {
  const job = rest as Rest & StoredOptions;
  job.queue = queue;
  job.priority = priority;
  job.maxAttempts = maxAttempts;
  job.timeoutMs = timeoutMs;
  job.tags = tags;
  job.tenant = tenant;
  return job;
}

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
  if (options.startBefore !== undefined) boundStart(chosen, options.startBefore, JOB_OPTIONS.startBefore, now, fault);
  if (options.unique !== undefined) chooseUnique(chosen, options.unique, JOB_OPTIONS.unique, fault);
  if (options.flowKey !== undefined) chosen.flowKey = keyOf('flowKey', JOB_OPTIONS.flowKey, options.flowKey, fault);
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the options are not valid', faults);
  return chosen;
}

/** Those of a job that chooses nothing. A policy was checked when it was made. */
function optionsOf({ queue, priority, maxAttempts, timeoutMs }: KindPolicy): ChosenOptions {
  return { queue, priority, maxAttempts, timeoutMs, tags: [], tenant: DEFAULT_TENANT, runAt: null, delayMs: null };
}
