import type { JobId } from '../job/job.js';
import { type BrokerState, byRate, explain } from './explain.js';
import { Places } from './places.js';
import type { Estimate, JobCount, Why } from './why.js';
import type { WhyStore } from './why-store.js';

export interface WhyDependencies {
  store: WhyStore;
  /** This process's connection to RabbitMQ; `none` in single-process mode. */
  broker: () => BrokerState;
  /** The slots of a worker that a job of this kind takes. Left out, one. */
  slotsOf?: (kind: string) => number;
}

/** Rows of the outbox that are looked through for a job's message. */
const OUTBOX_LOOK = 10_000;
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Where a job would be that is submitted now. */
export interface Outlook extends Estimate {
  queue: string;
  ahead: JobCount;
}

/** Says why a job has not started, and when it will. It only reads: two statements, or a few more for a job that waits for its turn. */
export class WhyJob {
  private readonly places: Places;

  constructor(private readonly deps: WhyDependencies) {
    this.places = new Places(deps.store);
  }

  /** Null when there is no such job. */
  async why(id: JobId): Promise<Why | null> {
    const { store } = this.deps;
    const facts = await store.facts(id);
    if (!facts) return null;
    const { place, queue, limitKeys, pausedKinds, state, kind } = facts;
    const isWaiting = state === 'queued';
    const [ahead, limits, outbox] = await Promise.all([
      isWaiting && place ? this.places.ahead(queue, place, pausedKinds) : null,
      isWaiting && place && limitKeys.length > 0 ? store.limits(limitKeys, place) : [],
      isWaiting && !place ? store.outboxPlace(facts, OUTBOX_LOOK) : null,
    ]);
    return explain({ ...facts, broker: this.deps.broker(), needsSlots: this.deps.slotsOf?.(kind) ?? 1, ahead, limits, outbox });
  }

  /** For a job that is not submitted yet: at the end of its queue and priority. Null times as `why` gives them; a pause or a missing worker makes them null. */
  async outlook({ queue, kind, priority }: { queue: string; kind: string; priority: number }): Promise<Outlook> {
    const { now, kindPaused, ofQueue, pausedKinds } = await this.deps.store.queue(queue, kind);
    const ahead = await this.places.ahead(queue, { priority, virtualTime: Infinity, jobId: LAST_ID }, pausedKinds);
    const kept = kindPaused !== null || ofQueue.paused !== null || ofQueue.workers === 0;
    if (kept) return { queue, ahead, start: null, confidence: null };
    if (ahead.jobs === 0 && ahead.exact) return { queue, ahead, start: now, confidence: 'nothing waits before it' };
    return { queue, ahead, ...byRate(now, ahead, ofQueue.starts) };
  }
}
