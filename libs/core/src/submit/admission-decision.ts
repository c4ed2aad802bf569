import { Refusal } from '../job/errors.js';

/** What is measured. The first four are this process's own, the others are shared by all through the store. */
export const SIGNALS = ['in_flight', 'body_bytes', 'pool_waiting', 'event_loop_delay', 'outbox_rows', 'outbox_age', 'depth', 'queue_depth'] as const;
export type Signal = (typeof SIGNALS)[number];

/** From which value on work is refused; 0 switches a limit off. */
export interface AdmissionLimits {
  /** Jobs on their way to the store in this process. */
  inFlight: number;
  /** Bytes of request bodies in this process. */
  bodyBytes: number;
  /** Statements that wait for a connection in this process. */
  poolWaiting: number;
  /** By how much timers of this process are late on average, in milliseconds. */
  eventLoopDelayMs: number;
  /** Messages of the outbox that are due. */
  outboxRows: number;
  /** Age of the oldest due message, in seconds. */
  outboxAgeSeconds: number;
  /** Jobs that have not ended, in all … */
  depth: number;
  /** … and in one queue. */
  queueDepth: number;
}

export interface Measured {
  inFlight: number;
  bodyBytes: number;
  poolWaiting: number;
  eventLoopDelayMs: number;
  outboxRows: number;
  outboxAgeSeconds: number;
  depth: number;
  queues: ReadonlyMap<string, number>;
  /** Those whose time has not come, by queue, at the last look. */
  scheduled: ReadonlyMap<string, number>;
  /** Jobs that ended, a second, by queue; as far as it is known. */
  drain: ReadonlyMap<string, number>;
}

/** A limit that is reached. */
export interface Exceeded {
  signal: Signal;
  measured: number;
  limit: number;
  /** Of `queue_depth`. */
  queue?: string;
  /** When it is worth asking again, by the rate at which it gets less, in whole seconds. */
  retryAfterSeconds: number;
}

const LONGEST_RETRY_SECONDS = 120;
/** Where nothing tells how fast it gets less: the broker is away, or nobody works. */
const UNKNOWN_RATE_SECONDS = 15;

/**
 * The limits that are reached: those of the whole, and those of the given queues. Pure; the most local first, which is
 * over soonest. The comparison is with what is there, not with what would be: a batch may overshoot by its own length,
 * and none is so long that it never fits.
 */
export function exceededLimits(limits: AdmissionLimits, measured: Measured, queues: Iterable<string>): Exceeded[] {
  const { drain } = measured;
  const reached: Exceeded[] = [];
  note(reached, 'in_flight', measured.inFlight, limits.inFlight, 1);
  note(reached, 'body_bytes', measured.bodyBytes, limits.bodyBytes, 1);
  note(reached, 'pool_waiting', measured.poolWaiting, limits.poolWaiting, 1);
  note(reached, 'event_loop_delay', measured.eventLoopDelayMs, limits.eventLoopDelayMs, 2);
  note(reached, 'outbox_rows', measured.outboxRows, limits.outboxRows, drain);
  note(reached, 'outbox_age', measured.outboxAgeSeconds, limits.outboxAgeSeconds, UNKNOWN_RATE_SECONDS);
  note(reached, 'depth', measured.depth, limits.depth, drain);
  for (const queue of queues) note(reached, 'queue_depth', measured.queues.get(queue) ?? 0, limits.queueDepth, drain, queue);
  return reached;
}

/** Notes a limit that is reached. `retryAfter` is in seconds, or the drain rates to work it out from: for each submission that is not refused that is left undone. */
function note(reached: Exceeded[], signal: Signal, value: number, limit: number, retryAfter: number | Measured['drain'], queue?: string): void {
  if (limit <= 0 || value < limit) return;
  const retryAfterSeconds = typeof retryAfter === 'number' ? retryAfter : secondsUntil(value, limit, perSecond(retryAfter, queue));
  reached.push({ signal, measured: Math.round(value), limit, retryAfterSeconds, ...(queue === undefined ? {} : { queue }) });
}

/** Of one queue; left out, of all. */
function perSecond(drain: Measured['drain'], queue?: string): number {
  return queue === undefined ? [...drain.values()].reduce((sum, rate) => sum + rate, 0) : (drain.get(queue) ?? 0);
}

function secondsUntil(measured: number, limit: number, perSecond: number): number {
  if (perSecond <= 0) return UNKNOWN_RATE_SECONDS;
  return Math.max(1, Math.min(LONGEST_RETRY_SECONDS, Math.ceil((measured - limit + 1) / perSecond)));
}

/** Work is refused because what is there already is as much as can be kept. Nothing was stored. */
export class Overload extends Refusal {
  constructor(readonly exceeded: Exceeded) {
    super(exceeded.signal === 'queue_depth' ? 'queue_full' : 'overloaded', describe(exceeded));
    this.name = 'Overload';
  }

  /** The store itself is not what is short: it can be asked whether the request was accepted before. */
  get storeAnswers(): boolean {
    return !['in_flight', 'body_bytes', 'pool_waiting', 'event_loop_delay'].includes(this.exceeded.signal);
  }
}

function describe({ signal, measured, limit, queue, retryAfterSeconds }: Exceeded): string {
  const what: Record<Signal, string> = {
    in_flight: 'submissions on their way to the database',
    body_bytes: 'bytes of request bodies in memory',
    pool_waiting: 'statements waiting for a connection',
    event_loop_delay: 'milliseconds of event loop delay',
    outbox_rows: 'messages waiting for the broker',
    outbox_age: 'seconds that the oldest message has waited for the broker',
    depth: 'unfinished jobs',
    queue_depth: `unfinished jobs in queue ${queue ?? ''}`,
  };
  return `expected fewer than ${limit} ${what[signal]}, got: ${measured}; nothing was stored, repeat the request in ${retryAfterSeconds} s`;
}
