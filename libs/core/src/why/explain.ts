import { isTerminal } from '../job/lifecycle.js';
import type { JobCount } from '../control/job-reader.js';
import type { Estimate, Why, WhyReason } from './why.js';
import type { LimitFacts, OutboxPlace, StartRate, WaitingFacts } from './why-store.js';

export type BrokerState = 'up' | 'down' | 'blocked' | 'none';

/** All that an answer is made of. */
export interface WhyFacts extends WaitingFacts {
  /** As this process sees it; `none` in single-process mode. */
  broker: BrokerState;
  /** The slots of a worker that a job of this kind takes. */
  needsSlots: number;
  /** In the order of the room; null of a job that is not there. */
  ahead: JobCount | null;
  limits: LimitFacts[];
  /** Null where its message is not in the outbox. */
  outbox: OutboxPlace | null;
}

/** Without a start for so long, nothing is estimated. */
export const RATE_SECONDS = 60;

/**
 * Why a job has not started. Every cause that holds is told, in the order in which they have to end. A limit or a rate keeps a job whatever its place in
 * its queue, which is then not told.
 */
export function explain(facts: WhyFacts): Why {
  const { id, state } = facts;
  if (isTerminal(state)) return { id, state, reasons: [], start: null, confidence: null };
  if (state === 'running') return { id, state, reasons: [running(facts)], start: null, confidence: null };
  const reasons = state === 'scheduled' ? [...paused(facts), scheduled(facts), ...noWorker(facts)] : waiting(facts);
  return { id, state, reasons, ...estimate(facts, reasons) };
}

function waiting(facts: WhyFacts): WhyReason[] {
  const kept = [...paused(facts), ...noWorker(facts), ...brokerAway(facts)];
  if (facts.place === null) return [...kept, ...(facts.broker === 'none' ? next(facts) : published(facts))];
  const limited = facts.limits.flatMap((limit) => limitedBy(limit, facts.now));
  return [...kept, ...limited, ...(limited.length === 0 ? behind(facts, facts.ahead) : [])];
}

function paused({ kind, queue, kindPaused, ofQueue }: WhyFacts): WhyReason[] {
  return [
    ...(ofQueue.paused ? [{ code: 'paused' as const, what: 'queue' as const, name: queue, ...ofQueue.paused }] : []),
    ...(kindPaused ? [{ code: 'paused' as const, what: 'kind' as const, name: kind, ...kindPaused }] : []),
  ];
}

function scheduled({ runAt, now, scheduledBy, attempt }: WhyFacts): WhyReason {
  return { code: 'scheduled', until: runAt ?? now, by: scheduledBy, attempt: attempt + 1 };
}

/** Workers do not say which kinds they know, so nothing is said about that. */
function noWorker({ queue, needsSlots, ofQueue: { workers, largestWorker } }: WhyFacts): WhyReason[] {
  if (workers > 0 && (largestWorker === null || largestWorker >= needsSlots)) return [];
  return [{ code: 'no_worker', queue, workers, needsSlots, largestWorker }];
}

/** Of what RabbitMQ has already nothing is lost while it is away, so only what is not there yet waits for it. */
function brokerAway({ broker, place, outbox }: WhyFacts): WhyReason[] {
  if ((broker !== 'down' && broker !== 'blocked') || (place === null && outbox === null)) return [];
  return [{ code: 'broker_away', broker }];
}

function limitedBy({ key, capacity, held, holders, nextAt, ahead }: LimitFacts, now: Date): WhyReason[] {
  const full = capacity !== null && held >= capacity;
  return [
    ...(full ? [{ code: 'limit' as const, limit: key, capacity, held, ahead, holders }] : []),
    ...(nextAt !== null && nextAt > now ? [{ code: 'rate' as const, limit: key, nextAt, ahead }] : []),
  ];
}

function behind({ queue }: WhyFacts, ahead: JobCount | null): WhyReason[] {
  return ahead === null ? [] : [{ code: 'behind', queue, ahead }];
}

/** Without a broker, jobs that are in no room are in the outbox, out of which they are taken first. */
function next(facts: WhyFacts): WhyReason[] {
  return behind(facts, facts.outbox?.ahead ?? { jobs: 0, exact: false });
}

function published({ messagedAt, now, outbox, broker }: WhyFacts): WhyReason[] {
  if (outbox !== null && broker !== 'up') return [];
  return [{ code: 'published', since: messagedAt ?? now, confirmed: outbox === null }];
}

function running({ worker, startedAt, now, attempt }: WhyFacts): WhyReason {
  return { code: 'running', worker, since: startedAt ?? now, attempt };
}

const NOTHING: Estimate = { start: null, confidence: null };

function estimate(facts: WhyFacts, reasons: WhyReason[]): Estimate {
  if (reasons.some(({ code }) => code === 'paused' || code === 'no_worker' || code === 'broker_away')) return NOTHING;
  const estimates = reasons.map((reason) => estimateOf(facts, reason));
  // It starts when the last of its causes has ended.
  return estimates.reduce((last, each) => (each.start === null || (last.start !== null && last.start >= each.start) ? last : each), NOTHING);
}

function estimateOf(facts: WhyFacts, reason: WhyReason): Estimate {
  const limitOf = (key: string) => facts.limits.find((limit) => limit.key === key);
  switch (reason.code) {
    case 'scheduled':
      return { start: reason.until, confidence: 'the time that it waits for' };
    case 'limit':
      return byRate(facts.now, reason.ahead, limitOf(reason.limit)?.starts ?? null);
    case 'rate': {
      const everyMs = limitOf(reason.limit)?.everyMs;
      if (everyMs === undefined || everyMs === null) return NOTHING;
      return { start: new Date(reason.nextAt.getTime() + reason.ahead.jobs * everyMs), confidence: 'the rate that the limit allows' };
    }
    case 'behind':
      return byRate(facts.now, reason.ahead, facts.ofQueue.starts);
    default:
      return NOTHING;
  }
}

/** On the average the next start of a steady row is half the time between two of them away. */
export function byRate(now: Date, ahead: JobCount, rate: StartRate | null): Estimate {
  if (rate === null || rate.starts === 0) return NOTHING;
  const ms = ((ahead.jobs + 0.5) / (rate.starts / rate.seconds)) * 1_000;
  return { start: new Date(now.getTime() + Math.round(ms)), confidence: `the rate of the last ${Math.round(rate.seconds)} s` };
}
