import type { JobId } from '../job/job.js';

/** A job with limits that is ready in the waiting room. */
export interface Candidate {
  jobId: JobId;
  queue: string;
  /** Its place among all that is ready in its queue, jobs without limits too; the first is 1. */
  place: number;
  keys: readonly string[];
}

/** A rate as GCRA takes it, in milliseconds by the store's clock. */
export interface RateState {
  /** Between two starts. */
  everyMs: number;
  /** So many starts may come at once after a rest. */
  burst: number;
  /** The theoretical arrival time; null where nothing has started yet. */
  nextAt: number | null;
}

/** What a limit allows for one key. A key without one is not limited: its limit is gone. */
export interface KeyState {
  key: string;
  /** Null without a limit of concurrency. */
  capacity: number | null;
  /** Slots that are taken. */
  held: number;
  /** Candidates that have a slot of it already, from a release whose message was lost. */
  own: readonly JobId[];
  rate: RateState | null;
  /** Of a strict limit: jobs that were released and have not started; null for all others. */
  unstarted: number | null;
}

export interface Release {
  released: Candidate[];
  /** What has to wait for a key, and whether for its rate. */
  parked: { jobId: JobId; key: string; rate: boolean }[];
  /** The theoretical arrival times of the keys whose rates have moved on. */
  rates: Map<string, number>;
}

/** Of a strict limit so many jobs are released and have not started. */
const STRICT_HEADROOM = 1;

/**
 * Which of the candidates leave the waiting room: in their order, each with a slot and a token of every one of its keys, or with none of them. What a key
 * has no room for is parked on that key, and takes nothing from another, so that it keeps nobody from it. `room`: how many jobs of each queue may leave,
 * counted with the jobs without limits that come before: a candidate behind so many of them waits where it is.
 *
 * Pure. The caller holds the lock of the release, so that nobody else takes slots at the same time; settlements only give them back, or hand on one for one.
 */
export function decideRelease(candidates: readonly Candidate[], keys: ReadonlyMap<string, KeyState>, room: ReadonlyMap<string, number>, now: number): Release {
  const states = new Map([...keys.values()].map((state) => [state.key, new KeyRoom(state, now)]));
  const blocked = new Map<string, number>();
  const release: Release = { released: [], parked: [], rates: new Map() };
  for (const candidate of candidates) {
    const { jobId, queue, place } = candidate;
    const limits = candidate.keys.flatMap((key) => states.get(key) ?? []);
    const full = limits.find((limit) => limit.blocks(jobId) !== null);
    if (full) {
      release.parked.push({ jobId, key: full.key, rate: full.blocks(jobId) === 'rate' });
      blocked.set(queue, (blocked.get(queue) ?? 0) + 1);
      continue;
    }
    if (place - (blocked.get(queue) ?? 0) > (room.get(queue) ?? 0)) continue;
    for (const limit of limits) limit.take(jobId);
    release.released.push(candidate);
  }
  for (const { key, moved } of states.values()) if (moved !== null) release.rates.set(key, moved);
  return release;
}

/** The arrival time that holds now: never later than a full burst from now on, whatever the clock or the limit was when it was written. */
export function arrivalTime({ everyMs, burst, nextAt }: RateState, now: number): number {
  return Math.min(Math.max(nextAt ?? now, now), now + burst * everyMs);
}

class KeyRoom {
  /** The arrival time after the last start that was given a token; null if none was. */
  moved: number | null = null;
  private held: number;
  private unstarted: number;
  private readonly own: ReadonlySet<JobId>;

  constructor(
    private readonly state: KeyState,
    private readonly now: number,
  ) {
    this.held = state.held;
    this.unstarted = state.unstarted ?? 0;
    this.own = new Set(state.own);
  }

  get key(): string {
    return this.state.key;
  }

  /** What this job would have to wait for. */
  blocks(jobId: JobId): 'slots' | 'rate' | null {
    if (this.own.has(jobId)) return null;
    const { capacity, rate, unstarted } = this.state;
    if (capacity !== null && this.held >= capacity) return 'slots';
    if (unstarted !== null && this.unstarted >= STRICT_HEADROOM) return 'rate';
    return rate && this.arrival(rate) - (rate.burst - 1) * rate.everyMs > this.now ? 'rate' : null;
  }

  take(jobId: JobId): void {
    if (this.own.has(jobId)) return;
    this.held++;
    this.unstarted++;
    const { rate } = this.state;
    if (rate) this.moved = this.arrival(rate) + rate.everyMs;
  }

  private arrival(rate: RateState): number {
    return this.moved ?? arrivalTime(rate, this.now);
  }
}
