import type { Clock } from '../kit/clock.js';
import { HintedPause } from '../kit/hinted-pause.js';
import type { Logger } from '../kit/logger.js';
import type { StoreTime } from '../kit/store-clock.js';
import type { Facts } from '../doctor/rules.js';
import { type Snapshot, snapshot, type Stats } from './snapshot.js';
import { type FailureGroup, FINE_STEP, type Ledger, type StatsReader } from './stats-store.js';

const EVERY_MS = 1_000;
/** However often something changes. */
const SOONEST_MS = 200;
const FINE_MS = FINE_STEP * 1_000;
/** When a bucket is over, each process still needs a moment to write it. */
const SETTLES_MS = 2_000;
const MINUTE_MS = 60_000;
const HOUR_SECONDS = 3_600;
const LEDGER_SECONDS = 86_400;
/** So much of the time may be spent on looking: where a look takes long, it is made more rarely. */
const SHARE_OF_TIME = 0.1;
const LONGEST_PAUSE_MS = 10_000;
/** The ledger is a count of a day's jobs; of its cost the same is true, with a smaller share. */
const LEDGER_EVERY_MS = 2_000;
const LEDGER_SHARE = 0.02;
const LEDGER_LONGEST_MS = 60_000;

/** Somebody who wants each snapshot. */
export interface StatsSink {
  give(stats: Stats): void;
  /** The store does not answer. */
  away(): void;
}

export interface FeedDependencies {
  reader: StatsReader;
  /** Resolves when the database has answered the shortest question. */
  ping: () => Promise<void>;
  broker: () => Facts['broker'];
  /** Why the broker is not `up`. */
  brokerReason: () => string | undefined;
  exceeded: () => Facts['exceeded'];
  clock: Clock;
  time: StoreTime;
  logger: Logger;
}

interface Slow {
  ledger: Ledger | null;
  failures: FailureGroup[];
  failedLastHour: ReadonlyMap<string, number>;
  /** When it is to be read again. */
  dueAt: number;
}

/**
 * The figures of an installation, each second for whoever listens, and sooner when something has changed: one snapshot for all of them, and none while
 * nobody does. Nothing here changes anything.
 */
export class StatsFeed {
  private readonly sinks = new Set<StatsSink>();
  private looping = false;
  private readonly pause: HintedPause;
  private known: (Snapshot & { at: number }) | undefined;
  private looking: Promise<Snapshot> | undefined;
  private slow: Slow = { ledger: null, failures: [], failedLastHour: new Map(), dueAt: -Infinity };
  private took = 0;

  constructor(private readonly deps: FeedDependencies) {
    this.pause = new HintedPause(deps.clock);
  }

  /** How many look. */
  get size(): number {
    return this.sinks.size;
  }

  add(sink: StatsSink): void {
    this.sinks.add(sink);
    if (this.looping) {
      if (this.known) sink.give(this.known.stats);
    } else void this.loop();
  }

  remove(sink: StatsSink): void {
    this.sinks.delete(sink);
    if (this.sinks.size === 0) this.pause.stop();
  }

  /** A hint that something has changed: those who listen see it sooner. */
  nudge(): void {
    this.pause.ring();
  }

  /** As it is now: a second old at most, so that who asks often costs no more than who listens. */
  async now(): Promise<Stats> {
    return (await this.snapshot()).stats;
  }

  /** What rules judge, as old. */
  async facts(): Promise<Facts> {
    return (await this.snapshot()).facts;
  }

  private snapshot(): Promise<Snapshot> {
    const { clock } = this.deps;
    if (this.known && clock.now() - this.known.at < EVERY_MS) return Promise.resolve(this.known);
    return this.lookOnce();
  }

  /** One look for all who ask meanwhile. */
  private lookOnce(): Promise<Snapshot> {
    return (this.looking ??= this.look().finally(() => (this.looking = undefined)));
  }

  private async loop(): Promise<void> {
    const { clock, logger } = this.deps;
    this.looping = true;
    while (this.sinks.size > 0) {
      this.pause.set();
      const began = clock.now();
      try {
        const { stats } = await this.lookOnce();
        for (const sink of this.sinks) sink.give(stats);
      } catch (error) {
        logger.debug({ err: error }, 'the figures could not be read');
        this.known = undefined;
        for (const sink of this.sinks) sink.away();
      }
      const took = clock.now() - began;
      const rest = Math.max(SOONEST_MS, Math.min(this.took / SHARE_OF_TIME - this.took, LONGEST_PAUSE_MS));
      await this.pause.sleep(rest, EVERY_MS - took - rest, () => this.sinks.size > 0);
    }
    this.looping = false;
  }

  private async look(): Promise<Snapshot> {
    const { reader, ping, broker, brokerReason, exceeded, clock, time } = this.deps;
    const began = clock.now();
    await ping();
    const databaseMs = clock.now() - began;
    const until = Math.floor((time.now() - SETTLES_MS) / FINE_MS) * FINE_MS;
    const [state, figures] = await Promise.all([reader.state(), reader.figures(FINE_STEP, until - MINUTE_MS, until)]);
    this.took = clock.now() - began;
    if (clock.now() >= this.slow.dueAt) await this.lookSlowly();
    const { ledger, failures, failedLastHour } = this.slow;
    const facts = {
      at: time.now(),
      state,
      figures,
      until,
      ledger,
      failures,
      failedLastHour,
      broker: broker(),
      brokerReason: brokerReason(),
      databaseMs,
      exceeded: exceeded(),
    };
    const seen = snapshot(facts);
    this.known = { ...seen, at: clock.now() };
    return seen;
  }

  /** What could not be counted stays as it was: a count that takes too long must not hide the rest. */
  private async lookSlowly(): Promise<void> {
    const { reader, clock, logger } = this.deps;
    const began = clock.now();
    const kept = (error: unknown): undefined => {
      logger.debug({ err: error }, 'a count for the figures could not be made');
    };
    const [ledger, failures, failed] = await Promise.all([
      reader.ledger(LEDGER_SECONDS).catch(kept),
      reader.failures(HOUR_SECONDS).catch(kept),
      reader.failedByKind(HOUR_SECONDS).catch(kept),
    ]);
    const took = clock.now() - began;
    this.slow = {
      ledger: ledger ?? this.slow.ledger,
      failures: failures ?? this.slow.failures,
      failedLastHour: failed ?? this.slow.failedLastHour,
      dueAt: clock.now() + Math.max(LEDGER_EVERY_MS, Math.min(took / LEDGER_SHARE, LEDGER_LONGEST_MS)),
    };
  }
}
