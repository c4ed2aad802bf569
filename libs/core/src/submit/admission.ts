import type { Clock } from '../kit/clock.js';
import type { Load, LoadReader } from './load.js';
import type { Logger } from '../kit/logger.js';
import type { AdmissionGate } from './admission-gate.js';
import { type AdmissionLimits, type Exceeded, exceededLimits, type Measured, Overload } from './admission-decision.js';

export interface AdmissionDependencies {
  limits: AdmissionLimits;
  load: LoadReader;
  /** What this process measures of itself; called for each submission, so it must be cheap. */
  local: () => Pick<Measured, 'bodyBytes' | 'poolWaiting' | 'eventLoopDelayMs'>;
  clock: Clock;
  logger: Logger;
  /** The shortest time between two looks at the store. */
  sampleMs: number;
}

/** So much of one connection's time may be spent on measuring: a count that takes long is made more rarely. */
const SHARE_OF_TIME = 0.05;
const LONGEST_SAMPLE_MS = 10_000;
/** Weight of the newest sample in the drain rate. */
const NEWEST = 0.3;

/**
 * Refuses work that could not be kept: the gate of both doors, before anything is written.
 *
 * Authority: the store's counts, looked up about once a second and kept. In between, what this process has accepted and
 * what it has let in that is not stored yet is added, so that a spike cannot slip through between two looks, nor while
 * its first statement runs; what other gateways accept shows in the next one, so n gateways may overshoot a shared limit
 * by what n of them accept in a second.
 * What is accepted is never refused later: only submissions come through here, not retries, redrives, follow-up jobs
 * of a transaction, or anything that a worker does.
 * While the store does not answer, the last counts stand; submissions then fail by themselves, with `unavailable`.
 */
export class Admission implements AdmissionGate {
  private load: Load = { unfinished: new Map(), scheduled: new Map(), outboxRows: 0, outboxAgeSeconds: 0 };
  private loadedAt: number | undefined;
  private readonly acceptedSince = new Map<string, number>();
  private readonly drain = new Map<string, number>();
  private readonly entering = new Map<string, number>();
  /** The sum of the three by queue, and of all queues: kept, for it is looked at with each submission. */
  private counted = new Map<string, number>();
  private depth = 0;
  private inFlight = 0;
  private told = false;
  private readonly stop = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  constructor(private readonly deps: AdmissionDependencies) {}

  /** Resolves after the first look, whatever came of it: a gateway that starts anew knows what is there already. */
  async start(): Promise<void> {
    const pause = await this.look();
    this.loop = this.run(pause);
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.loop;
  }

  refusal(queues: readonly string[]): Overload | undefined {
    const [first] = exceededLimits(this.deps.limits, this.measured(), queues.length > 1 ? new Set(queues) : queues);
    return first && new Overload(first);
  }

  enter(queues: readonly string[]): () => void {
    this.inFlight += queues.length;
    for (const queue of queues) this.count(this.entering, queue, 1);
    return () => {
      this.inFlight -= queues.length;
      for (const queue of queues) this.count(this.entering, queue, -1);
    };
  }

  accepted(queue: string): void {
    this.count(this.acceptedSince, queue, 1);
  }

  /** Every limit that is reached now, of all queues. */
  exceeded(): Exceeded[] {
    const measured = this.measured();
    return exceededLimits(this.deps.limits, measured, measured.queues.keys());
  }

  /** As it is seen now: the last look at the store, what was accepted here since, and what is on its way. */
  measured(): Measured {
    const { scheduled, outboxRows, outboxAgeSeconds } = this.load;
    // Without a spread, for this is asked twice for each submission.
    const { bodyBytes, poolWaiting, eventLoopDelayMs } = this.deps.local();
    const { inFlight, depth, counted: queues, drain } = this;
    return { inFlight, bodyBytes, poolWaiting, eventLoopDelayMs, outboxRows, outboxAgeSeconds, depth, queues, scheduled, drain };
  }

  /** One look at the store. Rejects when it does not answer. */
  async sample(): Promise<void> {
    const before = new Map(this.acceptedSince);
    const load = await this.deps.load.read();
    const now = this.deps.clock.now();
    if (this.loadedAt !== undefined) this.learnDrain(load, before, (now - this.loadedAt) / 1_000);
    this.load = load;
    this.loadedAt = now;
    // What came while the count ran may be in it or not: it stays, for too many counted is the safe side.
    for (const [queue, accepted] of before) add(this.acceptedSince, queue, -accepted);
    this.recount();
  }

  private count(counts: Map<string, number>, queue: string, jobs: number): void {
    add(counts, queue, jobs);
    this.tally(queue, jobs);
  }

  private tally(queue: string, jobs: number): void {
    add(this.counted, queue, jobs);
    this.depth += jobs;
  }

  private recount(): void {
    this.counted = new Map();
    this.depth = 0;
    for (const counts of [this.load.unfinished, this.acceptedSince, this.entering]) {
      for (const [queue, jobs] of counts) this.tally(queue, jobs);
    }
  }

  private async run(firstPause: number): Promise<void> {
    const { clock } = this.deps;
    for (let pause = firstPause; ; pause = await this.look()) {
      await clock.sleep(pause, this.stop.signal);
      if (this.stop.signal.aborted) return;
    }
  }

  /** Samples, and says how long to wait before the next time. */
  private async look(): Promise<number> {
    const { clock, logger, sampleMs } = this.deps;
    const start = clock.now();
    try {
      await this.sample();
    } catch (error) {
      logger.warn({ err: error }, 'the load could not be measured; the last figures stand');
    }
    this.tell();
    return Math.max(sampleMs, Math.min((clock.now() - start) / SHARE_OF_TIME, LONGEST_SAMPLE_MS));
  }

  /** When it begins and when it ends, not for each refusal. */
  private tell(): void {
    const exceeded = this.exceeded();
    if (exceeded.length > 0 !== this.told) {
      this.told = exceeded.length > 0;
      if (this.told) this.deps.logger.warn({ exceeded }, 'overloaded: submissions are refused');
      else this.deps.logger.info({}, 'no longer overloaded: submissions are accepted');
    }
  }

  /** What was there and came, less what is there now, has ended. Other gateways' submissions make it look slower: the safe side. */
  private learnDrain(load: Load, accepted: ReadonlyMap<string, number>, seconds: number): void {
    if (seconds <= 0) return;
    for (const queue of new Set([...this.load.unfinished.keys(), ...load.unfinished.keys(), ...accepted.keys()])) {
      const ended = (this.load.unfinished.get(queue) ?? 0) + (accepted.get(queue) ?? 0) - (load.unfinished.get(queue) ?? 0);
      const rate = Math.max(0, ended / seconds);
      const known = this.drain.get(queue);
      this.drain.set(queue, known === undefined ? rate : known + NEWEST * (rate - known));
    }
  }
}

function add(counts: Map<string, number>, queue: string, jobs: number): void {
  const sum = (counts.get(queue) ?? 0) + jobs;
  if (sum > 0) counts.set(queue, sum);
  else counts.delete(queue);
}
