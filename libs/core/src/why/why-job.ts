import type { JobId } from '../job/job.js';
import type { Sees } from '../job/tenant.js';
import { type BrokerState, explain } from './explain.js';
import type { JobState } from '../job/lifecycle.js';
import { Places } from './places.js';
import type { JobCount } from '../control/job-reader.js';
import type { Estimate, Why, WhyReason } from './why.js';
import type { LimitFacts, WhyStore } from './why-store.js';

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
  /** Of those that wait for their turn. In a fair queue a key that has had little goes before some of them. */
  ahead: JobCount;
  /** What would keep it, as of a job that waits. None where it would go to a worker at once. */
  reasons: WhyReason[];
  limits: LimitFacts[];
}

/** A job that is not submitted yet. */
export interface Planned {
  queue: string;
  kind: string;
  priority: number;
  limitKeys?: readonly string[];
  /** When it would be due; null or left out: at once. */
  runAt?: Date | null;
  /** In place of `runAt`, milliseconds after the submission. */
  delayMs?: number | null;
}

/** Says why a job has not started, and when it will. It only reads: two statements, or a few more for a job that waits for its turn. */
export class WhyJob {
  private readonly places: Places;

  constructor(private readonly deps: WhyDependencies) {
    this.places = new Places(deps.store);
  }

  /** Null when there is no such job, or none of the tenant that `sees` names. Of that tenant are also the jobs that hold places of a limit and are named; how many others there are is told. */
  async why(id: JobId, sees: Sees = null): Promise<Why | null> {
    const { store } = this.deps;
    const facts = await store.facts(id, sees);
    if (!facts) return null;
    const { place, queue, limitKeys, pausedKinds, state, kind } = facts;
    const isWaiting = state === 'queued';
    const [ahead, limits, outbox] = await Promise.all([
      isWaiting && place ? this.places.ahead(queue, place, pausedKinds) : null,
      isWaiting && place && limitKeys.length > 0 ? store.limits(limitKeys, place, sees) : [],
      isWaiting && !place ? store.outboxPlace(facts, OUTBOX_LOOK) : null,
    ]);
    return explain({ ...facts, broker: this.deps.broker(), needsSlots: this.deps.slotsOf?.(kind) ?? 1, ahead, limits, outbox });
  }

  /** For a job that is not submitted yet: at the end of its queue and priority. Null times as `why` gives them; a pause or a missing worker makes them null. */
  async outlook({ queue, kind, priority, limitKeys = [], runAt = null, delayMs = null }: Planned, sees: Sees = null): Promise<Outlook> {
    const { store } = this.deps;
    const known = await store.queue(queue, kind);
    const place = { priority, virtualTime: Infinity, jobId: LAST_ID };
    const [ahead, limits] = await Promise.all([
      this.places.ahead(queue, place, known.pausedKinds),
      limitKeys.length > 0 ? store.limits([...limitKeys], place, sees) : [],
    ]);
    const due = delayMs === null ? runAt : new Date(known.now.getTime() + delayMs);
    const state: JobState = due !== null && due > known.now ? 'scheduled' : 'queued';
    const slots = { needsSlots: this.deps.slotsOf?.(kind) ?? 1, broker: this.deps.broker() };
    const none = { attempt: 0, messagedAt: null, startedAt: null, worker: null, outbox: null };
    const facts = { ...known, ...slots, ...none, state, queue, kind, priority, ahead, limits, place, limitKeys: [...limitKeys] };
    const why = explain({ ...facts, id: LAST_ID as JobId, runAt: due, scheduledBy: 'delay' });
    const reasons = why.reasons.filter((reason) => reason.code !== 'behind' || reason.ahead.jobs > 0 || !reason.ahead.exact);
    const free = reasons.length === 0 ? { start: known.now, confidence: 'nothing waits before it' } : why;
    return { queue, ahead, reasons, limits, start: free.start, confidence: free.confidence };
  }
}
