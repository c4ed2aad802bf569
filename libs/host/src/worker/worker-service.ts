import {
  HandedOn,
  type HandedOnParts,
  Inbox,
  type JobMessage,
  type LeaseSweeper,
  type Logger,
  type Metrics,
  OutboxRelay,
  PollingLoop,
  ReleasePass,
  systemClock,
  takesFrom,
} from '@app/core';
import { CONTROL, HintListener } from '@app/rabbitmq';
import { Inject, Injectable, Optional } from '@nestjs/common';
import type { RuntimeConfig } from '../config.js';
import { AcceptedJobs } from '../container/accepted-jobs.js';
import { CONFIG, LOGGER, METRICS } from '../container/tokens.js';
import { Store } from '../store.js';
import { whenFirst } from '../when-first.js';
import { WORKER_BROKER, type WorkerBroker } from './worker-broker.js';
import { passParts, relayParts } from './publishing-parts.js';
import { createSweeper, WorkerHost } from './worker-host.js';

/** How often the worker reads which queues exist; of pauses it hears by itself. */
const SYNC_MS = 1_000;

/** How long a job may wait here for a slot. */
const INBOX_WAIT_MS = 1_000;

/** Hosts the loops of a worker, and ends them in an order that loses nothing. */
@Injectable()
export class WorkerService {
  readonly inbox: Inbox;
  private readonly relay: OutboxRelay;
  private readonly pass: ReleasePass;
  private readonly sweeper: LeaseSweeper;
  private readonly stop = new AbortController();
  private readonly syncing: PollingLoop;
  private readonly asked: HintListener;
  private synced = false;

  constructor(
    @Inject(CONFIG) config: RuntimeConfig,
    @Inject(LOGGER) logger: Logger,
    private readonly store: Store,
    @Inject(WORKER_BROKER) private readonly broker: WorkerBroker,
    private readonly host: WorkerHost,
    @Inject(METRICS) metrics: Metrics,
    /** Jobs that this process accepts are published at once. Without it the caller has to pass them on. */
    @Optional() accepted?: AcceptedJobs,
  ) {
    this.syncing = new PollingLoop({
      clock: systemClock,
      look: async () => {
        const { wanted } = host.queues;
        const queues = await this.open(wanted);
        this.inbox.open(queues);
        await this.broker.transport.consume(queues);
        this.inbox.keep(queues);
        host.queues.took(wanted);
        this.synced = true;
        return SYNC_MS;
      },
      everyMs: SYNC_MS,
      failed: (error) => logger.warn({ err: error }, 'the queues to consume could not be told'),
    });
    this.inbox = new Inbox({
      runner: host.runner,
      store: store.attempts,
      paused: store.paused,
      slotsOf: (kind) => host.handlers.policy(kind)?.slots ?? 1,
      publishDeadLetter: (delivery) => broker.publisher.publishDeadLetter(delivery),
      creditChanged: () => broker.transport.adjust(),
      putBack: () => this.relay.nudge(),
      clock: systemClock,
      logger,
      config: { concurrency: config.concurrency, waitMs: INBOX_WAIT_MS, severalWaitMs: config.handoverSeconds * 1_000 },
    });
    this.relay = new OutboxRelay(relayParts({ store, logger }, broker.publisher));
    this.pass = new ReleasePass(passParts({ store, logger, metrics }, broker, this.relay));
    const handing: HandedOnParts = {
      done: (outboxId) => this.relay.done(outboxId),
      bury: (message) => broker.publisher.publishDeadLetter(message),
      logger,
    };
    host.slotsFreed = ({ handedOn, roomFreed }) => {
      for (const message of handedOn) if (!this.inbox.handOn(new HandedOn(message, handing))) this.relay.publishNow(message);
      if (roomFreed) this.pass.nudge();
    };
    this.sweeper = createSweeper(
      { store, config, logger, metrics },
      () => host.workerId,
      (queue) => broker.depth.of(queue),
      () => this.relay.nudge(),
    );
    const asked = new HintListener(
      broker.consuming,
      CONTROL,
      (jobIds) => host.look(jobIds),
      () => undefined,
      logger,
    );
    asked.listen(true);
    this.asked = asked;
    store.paused.listen(() => {
      this.inbox.pausesChanged();
      // Queues that are paused are not consumed, and those that are resumed are.
      this.syncing.nudge();
    });
    host.queues.listen(() => this.syncing.nudge());
    accepted?.listen({ accepted: (wakeUp) => this.publishNow(wakeUp), waiting: (limited) => this.waiting(limited), joined: () => this.nudge() });
  }

  /** Whether the right queues are consumed, the broker has accepted messages from here, and the database answers. */
  get ready(): boolean {
    return !this.stop.signal.aborted && this.synced && this.host.reachable && this.broker.transport.healthy && this.broker.publishing.everUp;
  }

  /** Why it is not ready: one line for the operator, with RabbitMQ's own text where RabbitMQ is the reason. Undefined while it is ready. */
  get reason(): string | undefined {
    if (this.ready) return undefined;
    if (this.stop.signal.aborted) return 'it is shutting down';
    if (!this.host.reachable) return 'the database does not answer';
    const { transport, publishing } = this.broker;
    return transport.reason ?? publishing.reason ?? 'it is starting';
  }

  /** Resolves when it is ready for the first time. */
  whenUp(): Promise<void> {
    return whenFirst(() => this.ready, this.stop.signal);
  }

  async start(): Promise<void> {
    this.host.slotsChanged = () => this.broker.transport.adjust();
    await this.host.start();
    this.broker.publishing.start();
    this.relay.start();
    this.pass.start();
    this.sweeper.start();
    this.syncing.start();
  }

  /** Publishes the wake-up of jobs that this process has accepted. */
  publishNow(wakeUp: JobMessage): void {
    this.relay.publishNow(wakeUp);
  }

  /** Jobs that this process has accepted wait for their turn. */
  waiting(limited: boolean): void {
    this.pass.waiting(limited);
  }

  /** Makes the relay read the outbox at once. Call it when due jobs were written. */
  nudge(): void {
    this.relay.nudge();
  }

  /** Stops deliveries, lets running jobs end, interrupts the rest, and waits until everything is written and confirmed. */
  async drain(): Promise<void> {
    this.stop.abort();
    await this.syncing.close();
    await this.broker.transport.stopConsuming();
    this.inbox.turnAway(true);
    await this.host.drain();
    await this.pass.close();
    await this.relay.close(2_000);
    await this.sweeper.close();
  }

  /** Call it after the transport has closed. Nest closes that one. */
  async close(): Promise<void> {
    this.asked.close();
    this.broker.changes.flush();
    this.broker.ready.close();
    await this.broker.publisher.close();
    await this.broker.replies.close();
    await this.broker.publishing.close();
    await this.host.close();
  }

  /** Which of these queues to consume: none while the database is away, because no job can be claimed then. */
  private async open(mine: readonly string[]): Promise<Set<string>> {
    this.inbox.turnAway(!this.host.reachable);
    if (!this.host.reachable) return new Set();
    const queues = await this.store.queues.all();
    return new Set(queues.flatMap(({ name }) => (this.store.paused.queue(name) || !takesFrom(mine, name) ? [] : [name])));
  }
}
