import { type Duration, durationMs } from '../kit/duration.js';
import { refuseUnknownOptions } from './known-options.js';
import { type Backoff, type BackoffPolicy, backoffPolicy } from './retry-policy.js';

/** How jobs of a kind are run, as its author writes it. */
export interface KindOptions {
  /** Stable name, `noun.verb`, e.g. `report.render`; queued jobs refer to it, so it outlives class names. */
  kind: string;
  /** One sentence for `GET /kinds` and the API's documentation. */
  description?: string;
  /** Default `default`. */
  queue?: string;
  /** Attempts in all, the first included. Default 5. */
  maxAttempts?: number;
  /** How long one attempt may take. Default `1h`; null for no limit. */
  timeout?: Duration | null;
  backoff?: Backoff;
  /** From 0 to 9, default 4; a higher one is taken first where the broker knows priorities. */
  priority?: number;
  /**
   * Runs each attempt in a child process of the worker: for handlers that keep the CPU busy, need much memory, or may
   * take their process down with them. Such an end is a failed attempt like any other. Default false.
   */
  isolated?: boolean | IsolationOptions;
  /**
   * How many of a worker's slots (`WORKER_CONCURRENCY`) one job takes, for kinds that need much memory or many connections. Default 1. A worker that takes
   * the kind's queue and has fewer does not start. Limits count jobs, and not slots.
   */
  slots?: number;
}

export interface IsolationOptions {
  /** What the child process may take in all, in MiB; beyond that the attempt fails with `out_of_memory`. Default 512. */
  memoryMb?: number;
  /**
   * Variables of the worker's environment that its handlers need, by name, e.g. `['RENDERER_URL']`. A child process gets these and
   * what Longhaul itself reads, and nothing else: a handler that is isolated is not to see every secret of its worker.
   */
  env?: readonly string[];
}

export type IsolationPolicy = Required<IsolationOptions>;

export interface KindPolicy {
  kind: string;
  description: string;
  queue: string;
  maxAttempts: number;
  timeoutMs: number | null;
  backoff: BackoffPolicy;
  priority: number;
  /** Null: attempts run in the worker's own process. */
  isolated: IsolationPolicy | null;
  /** Of a worker, that one job takes. */
  slots: number;
}

const KIND_OPTIONS = [
  'kind', 'payload', 'schedule', 'limits', 'retention', 'description', 'queue', 'maxAttempts', 'timeout', 'backoff', 'priority', 'isolated', 'slots',
]; // prettier-ignore

export const LIMITS = {
  maxAttempts: 1_000,
  priority: 9,
  /** About the longest delay that anybody means: ten years. */
  delayMs: 3_650 * 86_400_000,
  timeoutMs: 365 * 86_400_000,
  slots: 10_000,
  /** A process that does nothing yet takes some 150 MiB. */
  isolatedMemoryMb: { min: 256, max: 1_048_576 },
} as const;

/** How many workers may be lost with a job, unless configured otherwise: the last of them ends it. */
export const MAX_CRASHES = 5;

export const DEFAULT_PRIORITY = 4;

/** Of what a handler or a step returns, as JSON, unless configured otherwise. */
export const RESULT_MAX_BYTES = 1024 * 1024;

/** A kind: dot-separated words of letters, digits, `_` and `-`. It is a routing key, so no `*` and `#`. */
export const KIND_PATTERN = /^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+$/i;
/** A kind, or a beginning of kinds such as `report.*`. */
export const KIND_OR_PREFIX = new RegExp(`${KIND_PATTERN.source}|^[a-z][a-z0-9_-]*([.][a-z0-9_-]+)*[.][*]$`, 'i');
export const QUEUE_PATTERN = /^[a-z0-9][a-z0-9._-]{0,62}$/i;

/** Whether a kind is the one of the pattern, or begins with its beginning. */
export function fitsKind(pattern: string, kind: string): boolean {
  return pattern.endsWith('.*') ? kind.startsWith(pattern.slice(0, -1)) : pattern === kind;
}

/** The kinds by which Longhaul does its own work. Nobody outside submits them, and their outcomes are told to nobody. */
export const OWN_KIND_PREFIX = 'longhaul.';

export function isOwnKind(kind: string): boolean {
  return kind.startsWith(OWN_KIND_PREFIX);
}

/** Fills in the defaults; throws a TypeError that says what was expected where an option is out of range. */
export function kindPolicy(options: KindOptions): KindPolicy {
  const named = (options as Partial<KindOptions> | undefined)?.kind;
  refuseUnknownOptions(options, KIND_OPTIONS, `the options of @JobHandler${named === undefined ? '' : ` for ${named}`}`);
  const { kind, queue = 'default', maxAttempts = 5, timeout = '1h', priority = DEFAULT_PRIORITY, slots = 1 } = options;
  expect(typeof kind === 'string' && KIND_PATTERN.test(kind) && kind.length <= 100, 'kind to be dot-separated words such as "report.render"', kind);
  expect(QUEUE_PATTERN.test(queue), `queue of ${kind} to match ${QUEUE_PATTERN.source}`, queue);
  expect(isIntegerIn(maxAttempts, 1, LIMITS.maxAttempts), `maxAttempts of ${kind} to be from 1 to ${LIMITS.maxAttempts}`, maxAttempts);
  expect(isIntegerIn(priority, 0, LIMITS.priority), `priority of ${kind} to be from 0 to ${LIMITS.priority}`, priority);
  expect(isIntegerIn(slots, 1, LIMITS.slots), `slots of ${kind} to be from 1 to ${LIMITS.slots}`, slots);
  const timeoutMs = timeout === null ? null : durationMs(timeout, `timeout of ${kind}`);
  expect(timeoutMs === null || isIntegerIn(timeoutMs, 1, LIMITS.timeoutMs), `timeout of ${kind} to be from 1 ms to 365 days`, timeout);
  return {
    kind,
    description: options.description ?? '',
    queue,
    maxAttempts,
    timeoutMs,
    priority,
    backoff: backoffPolicy(options.backoff),
    isolated: isolationPolicy(kind, options.isolated ?? false),
    slots,
  };
}

function isolationPolicy(kind: string, isolated: boolean | IsolationOptions): IsolationPolicy | null {
  if (isolated === false) return null;
  if (isolated !== true) refuseUnknownOptions(isolated, ['memoryMb', 'env'], `isolated of ${kind}`);
  const { memoryMb = 512, env = [] } = isolated === true ? {} : isolated;
  const named = Array.isArray(env) && env.every((name) => typeof name === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  expect(named, `isolated.env of ${kind} to be a list of names of variables`, env);
  const { min, max } = LIMITS.isolatedMemoryMb;
  expect(isIntegerIn(memoryMb, min, max), `isolated.memoryMb of ${kind} to be from ${min} to ${max}`, memoryMb);
  return { memoryMb, env };
}

function expect(holds: boolean, expectation: string, got: unknown): void {
  if (!holds) throw new TypeError(`expected ${expectation}, got: ${JSON.stringify(got)}`);
}

export function isIntegerIn(value: unknown, min: number, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}
