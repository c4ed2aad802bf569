import { hostname } from 'node:os';
import {
  type AttemptStore,
  type DrainRequest,
  type FreedSlots,
  HeartbeatLoop,
  type JobId,
  KINDS_TOLD,
  JobRunner,
  type Kinds,
  LeaseSweeper,
  type Logger,
  type Metrics,
  noMetrics,
  type RunnerDependencies,
  StartCounter,
  STOP_GRACE_MS,
  type SweepDependencies,
  systemClock,
  TakenQueues,
  type WorkerDescription,
  type WorkerId,
} from '@app/core';
import { classifyError, Presence } from '@app/postgres';
import type { HandlerRegistry } from '@app/sdk';
import type { EntityManager } from 'typeorm';
import type { RuntimeConfig } from '../config.js';
import { HandlersWithoutProcesses, IsolatingHandlers, ProcessPool } from '@app/isolation';
import { discreetHandlers } from '../logs/discreet-handlers.js';
import { measuredAttempts, measuredHandlers } from '../metrics/measured.js';
import { WakeUpMeter } from '../metrics/wake-up-meter.js';
import { requireSlots } from './slots.js';
import { drainProcess } from '../lifecycle.js';
import type { Store } from '../store.js';
import { ownVersion } from '../version.js';

export interface HostDependencies {
  store: Store;
  config: RuntimeConfig;
  logger: Logger;
  handlers: HandlerRegistry;
  announce: RunnerDependencies<EntityManager>['announce'];
  metrics?: Metrics;
  /** The module that child processes of isolated kinds run (the worker's isolated.main.ts) and the configuration that they load; null for a process without child processes. */
  isolated: { entry: URL; configPath: string } | null;
}

const BEAT_MS = 1_000;
const VERSION = ownVersion();
const DETAILS_EVERY = 10;
const ABANDONED_TOLD = 100;
/** The part of the drain time in which handlers obey their signal and are settled. */
const GRACE_MS = STOP_GRACE_MS;
/** Shorter than that, so that a child process is killed, and its end known, before its attempt is given up. */
const ISOLATED_GRACE_MS = GRACE_MS - 1_000;
const ISOLATED_IDLE_MS = 60_000;

/** Hosts the parts of every process that runs jobs (the worker in distributed mode, the gateway in single-process mode): runner, heartbeat, presence. */
export class WorkerHost {
  readonly runner: JobRunner<EntityManager>;
  /** The store of attempts, with its claims and settlements measured. Whatever claims jobs for the runner uses it. */
  readonly attempts: AttemptStore<EntityManager>;
  /** Whatever takes jobs for the runner takes them from these, and says when it does. */
  readonly queues: TakenQueues;
  private readonly heartbeat: HeartbeatLoop;
  private readonly presence: Presence;
  private readonly processes: ProcessPool | null;
  private missedBeats = 0;
  private described = 0;
  private abandonedTold = 0;
  private beatAt = performance.now();
  /** The consumer of jobs sets it; see `RunnerDependencies`. */
  slotsChanged: () => Promise<void> = () => Promise.resolve();
  /** Whoever publishes here, or takes jobs without a broker, sets it; see `RunnerDependencies`. */
  slotsFreed: (slots: FreedSlots) => void = () => undefined;

  constructor(private readonly deps: HostDependencies) {
    const { store, config, logger, handlers, announce, isolated, metrics = noMetrics } = deps;
    this.queues = new TakenQueues(config.queues, () => this.heartbeat.soon());
    const meter = new WakeUpMeter(handlers);
    const starts = new StartCounter(store.why);
    const beatMs = Math.min(BEAT_MS, (config.leaseSeconds * 1_000) / 3);
    this.presence = new Presence(config.databaseUrl, config.schema, logger);
    this.processes =
      isolated &&
      new ProcessPool({
        ...isolated,
        limit: config.concurrency,
        idleMs: ISOLATED_IDLE_MS,
        graceMs: ISOLATED_GRACE_MS,
        beatMs,
        logger,
        hide: (text) => config.redaction.text(text),
      });
    const running = this.processes ? new IsolatingHandlers(handlers, this.processes) : new HandlersWithoutProcesses(handlers);
    this.attempts = measuredAttempts(store.attempts, metrics, starts, store.tallies);
    this.runner = new JobRunner<EntityManager>({
      store: this.attempts,
      transactions: store.transactions,
      handlers: measuredHandlers(discreetHandlers(running, config.redaction), metrics, (kind, ms) => meter.observe(kind, ms)),
      announce,
      announceFromOutbox: config.broker !== 'none',
      slotsChanged: () => this.slotsChanged(),
      slotsFreed: (slots) => this.slotsFreed(slots),
      ended: ({ queue, kind }, ending, ms) => store.tallies.ranFor(queue, kind, ending, ms),
      paused: store.paused,
      classify: classifyError,
      clock: systemClock,
      time: store.time,
      logger,
      random: Math.random,
      workerId: () => this.heartbeat.workerId,
      config: {
        handoverMs: config.handoverSeconds * 1_000,
        graceMs: GRACE_MS,
        parkMs: 1_000,
        parkLimitMs: 5_000,
        unknownKindDelayMs: 30_000,
        unknownKindGiveUpMs: 3_600_000,
        maxBatch: 200,
        concurrency: config.concurrency,
        maxAside: config.concurrency,
        maxCrashes: config.maxCrashes,
        resultMaxBytes: config.resultMaxBytes,
      },
    });
    this.heartbeat = new HeartbeatLoop({
      store: store.workers,
      runner: this.runner,
      clock: systemClock,
      logger,
      worker: (whole) => this.describe(whole),
      onDrain: (request) => drainProcess(toldText('drain', request)),
      onAssigned: (assigned) => {
        if (this.queues.assign(assigned)) logger.info({ queues: this.queues.wanted, ...(assigned ?? {}) }, toldText('take from other queues', assigned));
      },
      config: { leaseSeconds: config.leaseSeconds, beatMs },
      onBeat: (reachable) => {
        if (reachable) {
          this.beatAt = performance.now();
          this.tellStarts(starts);
        }
        if (reachable && config.broker !== 'none') this.tellSizes(meter.takeChanged());
        else metrics.count('heartbeats_missed_total');
        this.missedBeats = reachable ? 0 : this.missedBeats + 1;
      },
    });
    // Without a broker whoever cancels a job runs it, too. Of other processes it hears where there is a feed of changes.
    if (config.broker === 'none') store.tellAsked((jobIds) => this.look(jobIds));
  }

  get handlers(): Pick<Kinds, 'names' | 'policy'> {
    return this.deps.handlers;
  }

  /** These jobs may have been asked to stop: those that run here are looked at. None: something was asked of a worker, perhaps of this one. Never throws. */
  look(jobIds: readonly JobId[]): void {
    if (jobIds.length === 0) this.heartbeat.soon();
    else this.heartbeat.look(jobIds);
  }

  get workerId(): WorkerId {
    return this.heartbeat.workerId;
  }

  /** Whether the database answers the heartbeat. */
  get reachable(): boolean {
    return this.missedBeats < 3;
  }

  /** Seconds since the database answered the heartbeat. */
  get heartbeatAgeSeconds(): number {
    return (performance.now() - this.beatAt) / 1_000;
  }

  /** Rejects with `SlotsError` where a job takes more slots than there are. */
  async start(): Promise<void> {
    requireSlots(this.handlers, this.deps.config);
    const workerId = await this.heartbeat.start();
    await this.presence.start(workerId);
  }

  /** With what is told seldom, each tenth time and when a handler was given up or has ended. */
  private describe(whole: boolean): WorkerDescription {
    const { config, handlers } = this.deps;
    const { abandoned } = this.runner;
    const { taken, assigned, own } = this.queues;
    const described = { name: `${hostname()}:${process.pid}`, concurrency: config.concurrency, queues: taken, ...(assigned ? { assigned } : {}) };
    if (!whole && this.described++ % DETAILS_EVERY !== 0 && abandoned.length === this.abandonedTold) return described;
    this.abandonedTold = abandoned.length;
    const details = {
      version: VERSION,
      node: process.versions.node,
      kinds: handlers.names().slice(0, KINDS_TOLD),
      memoryBytes: process.memoryUsage.rss(),
      gateway: config.broker === 'none',
      queues: [...own],
      abandoned: abandoned.slice(0, ABANDONED_TOLD),
    };
    return { ...described, details };
  }

  private tellStarts(starts: StartCounter): void {
    starts.flush().catch((error: unknown) => this.deps.logger.debug({ err: error }, 'how many jobs began could not be told'));
  }

  private tellSizes(sizes: ReadonlyMap<string, number>): void {
    this.deps.store.wakeUpSizes.write(sizes).catch((error: unknown) => this.deps.logger.warn({ err: error }, 'how long jobs run could not be told'));
  }

  /**
   * Lets running jobs end within the drain time, then interrupts them; an interrupted attempt does not count. The caller must stop
   * new jobs first. A handler that does not obey its signal is settled in the store as interrupted, and ends with the process.
   */
  async drain(): Promise<void> {
    const { runner } = this;
    runner.turnAway(true);
    if (await runner.idleWithin(this.deps.config.drainSeconds * 1_000)) return;
    this.deps.logger.info({ jobs: runner.size }, 'the drain time is over; running jobs are interrupted');
    runner.stopAll('drain', 'the worker is shutting down');
    await runner.idleWithin(GRACE_MS + 5_000);
  }

  async close(): Promise<void> {
    await this.processes?.close();
    await this.heartbeat.close().catch((error: unknown) => this.deps.logger.warn({ err: error }, 'the worker could not be taken off the list'));
    await this.presence.close();
  }
}

/** The parts of the sweep. Every process sweeps, also one that runs no jobs. */
export function sweeperParts(
  { store, config, logger, metrics = noMetrics }: Pick<HostDependencies, 'store' | 'config' | 'logger' | 'metrics'>,
  me: () => WorkerId | null,
  depth: (queue: string) => Promise<number | null>,
  recovered: () => void,
): SweepDependencies {
  return {
    store: store.workers,
    queues: store.queues,
    depth,
    clock: systemClock,
    logger,
    me,
    recovered: () => {
      metrics.count('recoveries_total');
      recovered();
    },
    config: {
      sweepMs: 1_000,
      leaseSeconds: config.leaseSeconds,
      lockFreeMs: 3_000,
      emptyAfterSeconds: 3,
      emptySweepMs: 2_000,
      lostAfterSeconds: 120,
      lostSweepMs: 30_000,
    },
  };
}

export function createSweeper(...parts: Parameters<typeof sweeperParts>): LeaseSweeper {
  return new LeaseSweeper(sweeperParts(...parts));
}

/** Without an assignment it was taken back, and nobody knows by whom. */
function toldText(what: string, asked: DrainRequest | null): string {
  const who = asked === null || asked.by === null ? '' : ` by ${asked.by}`;
  return `it was asked to ${what}${who}${asked === null || asked.reason === null ? '' : `: ${asked.reason}`}`;
}
