import { type Fault, got } from '../job/errors.js';
import { isKeySource, type KeySource } from '../job/key-source.js';
import { isIntegerIn, isOwnKind, KIND_OR_PREFIX, QUEUE_PATTERN } from '../job/kind.js';

/** Which jobs a limit is for: those that fit all that is named. Without any name it is for every job but Longhaul's own. */
export interface LimitMatch {
  /** A kind, or a prefix of kinds such as `partner.*`. */
  kind?: string;
  queue?: string;
  /** A tag, or a prefix of tags such as `tenant:*`. */
  tag?: string;
}

/** What each value has a place count and a rate of its own by: `tag:tenant` for tags such as `tenant:acme`. */
export type LimitPer = KeySource | 'queue';

/** `count` starts in `ms` milliseconds. */
export interface Rate {
  count: number;
  ms: number;
}

/** How many jobs may run at once, and how many may start in a time. A limit counts jobs, whatever they need of a worker. */
export interface LimitSettings {
  match: LimitMatch;
  per: LimitPer | null;
  concurrency: number | null;
  rate: Rate | null;
  /** How many starts a rate allows at once after a time without any; null for 1, which spaces them evenly. */
  burst: number | null;
  /** Its kind's queue gets one message at a time, so that no start is later than its token. */
  strict: boolean;
}

/** Another concurrency for a time. */
export interface LimitOverride {
  concurrency: number;
  until: Date;
}

/** A limit as it holds now. */
export interface Limit extends LimitSettings {
  name: string;
  /** Who set it: `api`, or `code:<name of the configuration>`. */
  origin: string;
  /** What code says, where a limit by the API holds in its place. */
  code: (LimitSettings & { origin: string }) | null;
  /** Null too when its end has passed. */
  override: LimitOverride | null;
  updatedAt: Date;
}

/** How one key of a limit is used. */
export interface LimitUse {
  /** `<limit>`, or `<limit>/<value>` of a limit with `per`. */
  key: string;
  /** Jobs that have a place: they run, or are on their way to a worker. */
  held: number;
  /** Jobs that wait for it. */
  parked: number;
  /** By how many `held` exceeds the concurrency after it was lowered. They run to their end. */
  draining: number;
  /** When its rate allows the next start; null without a rate, and while it allows one now. With `per` each key has its own. */
  nextStartAt: Date | null;
}

export const LIMIT_NAME = /^[a-z0-9][a-z0-9._-]{0,99}$/i;
export const MAX_LIMITS = 1_000;
/** Of one job: each is a row that its start writes. */
export const MAX_LIMITS_OF_JOB = 8;
const MOST = 1_000_000;

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;
const RATE = /^([1-9]\d{0,6})\/([smh])$/;
const TAG = /^[^\p{C}]{1,100}$/u;
const RATE_FORM = 'must be a number of starts and a unit, such as "10/s", "600/m" or "1000/h", at most 1000000';

/** `10/s`; undefined for text of another form. */
export function readRate(text: string): Rate | undefined {
  const [, count, unit] = RATE.exec(text) ?? [];
  if (count === undefined || Number(count) > MOST) return undefined;
  return { count: Number(count), ms: UNITS[unit as keyof typeof UNITS] };
}

/** As {@link readRate} reads it. */
export function rateText({ count, ms }: Rate): string {
  const [unit] = Object.entries(UNITS).find(([, each]) => each === ms) ?? [];
  return unit === undefined ? `${count}/${ms}ms` : `${count}/${unit}`;
}

/** A limit as people write it, in a request or in code. Its values are not trusted. */
export interface WrittenLimit {
  match?: { kind?: unknown; queue?: unknown; tag?: unknown } | undefined;
  per?: unknown;
  concurrency?: unknown;
  rate?: unknown;
  burst?: unknown;
  strict?: unknown;
}

/** The faults of a written limit; each says what is allowed and what came. */
export function limitFaults({ match = {}, per, concurrency, rate, burst, strict }: WrittenLimit): Fault[] {
  const faults: Fault[] = [];
  const fault = (pointer: string, detail: string) => faults.push({ pointer, detail });
  if (match.kind !== undefined && !isKindOrPrefix(match.kind)) fault('/match/kind', `must be a kind, or a prefix such as "report.*"${got(match.kind)}`);
  else if (typeof match.kind === 'string' && isOwnKind(match.kind)) fault('/match/kind', `must not be one of Longhaul's own kinds${got(match.kind)}`);
  if (match.queue !== undefined && !(typeof match.queue === 'string' && QUEUE_PATTERN.test(match.queue)))
    fault('/match/queue', `must match ${QUEUE_PATTERN.source}${got(match.queue)}`);
  if (match.tag !== undefined && !(typeof match.tag === 'string' && TAG.test(match.tag)))
    fault('/match/tag', `must be a tag of 1 to 100 characters, or a prefix such as "tenant:*"${got(match.tag)}`);
  if (per !== undefined && per !== 'queue' && !isKeySource(per)) fault('/per', `must be "kind", "queue" or "tag:<name>"${got(per)}`);
  if (concurrency === 0) fault('/concurrency', 'must be at least 1, got: 0; to let none run, pause it instead: the queue by POST /queues/{name}/pause');
  else countFault('/concurrency', concurrency);
  if (rate !== undefined && !(typeof rate === 'string' && readRate(rate))) fault('/rate', `${RATE_FORM}${got(rate)}`);
  countFault('/burst', burst);
  if (burst !== undefined && rate === undefined) fault('/burst', 'must come with a rate: it is how many starts the rate allows at once');
  if (strict !== undefined && typeof strict !== 'boolean') fault('/strict', `must be true or false${got(strict)}`);
  if (strict === true && rate === undefined) fault('/strict', 'must come with a rate: it makes the rate exact');
  if (concurrency === undefined && rate === undefined) fault('', 'must have concurrency, rate, or both');
  return faults;

  function countFault(pointer: string, value: unknown): void {
    if (value !== undefined && !isIntegerIn(value, 1, MOST)) fault(pointer, `must be a whole number from 1 to ${MOST}${got(value)}`);
  }
}

/** The settings of a written limit without faults. */
export function limitSettings(written: WrittenLimit): LimitSettings {
  const { match, per, concurrency, rate, burst, strict } = written;
  return {
    match: { ...match } as LimitMatch,
    per: (per as LimitPer | undefined) ?? null,
    concurrency: (concurrency as number | undefined) ?? null,
    rate: rate === undefined ? null : (readRate(rate as string) ?? null),
    burst: (burst as number | undefined) ?? null,
    strict: strict === true,
  };
}

/** What may run at once now: the override while it holds, else the concurrency; null without either. */
export function capacityOf({ override, concurrency }: Pick<Limit, 'override' | 'concurrency'>): number | null {
  return override?.concurrency ?? concurrency;
}

function isKindOrPrefix(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 100 && KIND_OR_PREFIX.test(value);
}
