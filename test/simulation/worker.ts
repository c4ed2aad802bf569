import { type Delivery, HeartbeatLoop, type JobId, JobRunner, LeaseSweeper, LocalProcessor, OutboxRelay, type WorkerId } from '@app/core';
import { outcomeEvent } from '@app/views';
import { flawedAttempts, flawedDelivery, flawedPublisher } from './flaws.js';
import { SimProcess } from './process.js';
import { KIND, NEW_KIND, QUEUE, scriptedHandlers } from './script.js';
import { type SimSession } from './server.js';
import type { SimTransaction } from './store/session.js';
import { simAttempts, simOutbox, simQueues, simTransactions, simWorkers } from './store/sim-stores.js';
import { SimConsumer, SimPublisher } from './transport.js';
import { silent, type Surroundings, TIMES } from './surroundings.js';

/** A process that runs jobs, composed of the real core as WorkerHost and WorkerService (distributed mode) or SingleProcessService do it. */
export class SimWorker {
  readonly process: SimProcess;
  readonly db: SimSession;
  readonly publisher: SimPublisher;
  readonly consumer: SimConsumer | undefined;
  readonly runner: JobRunner<SimTransaction>;
  private readonly heartbeat: HeartbeatLoop;
  private readonly relay: OutboxRelay | undefined;
  private readonly sweeper: LeaseSweeper;
  private readonly local: LocalProcessor | undefined;
  private readonly stop = new AbortController();
  private readonly inHand = new Map<string, JobId>();
  private readonly deliveries = new Map<JobId, Delivery>();
  private missedBeats = 0;

  constructor(
    private readonly world: Surroundings,
    readonly name: string,
  ) {
    const process = (this.process = new SimProcess(name, world.schedule));
    const { defects, ledger } = world;
    this.db = world.server.session(process);
    this.db.presenceLost = () => this.regainPresence();
    process.whenFrozen((until) => this.db.transactions.size > 0 && world.idleTransactions(this.db, until));
    this.publisher = new SimPublisher(process, world.broker, defects, ledger.saw);
    const publisher = flawedPublisher(this.publisher, simOutbox(this.db), defects);
    const workers = simWorkers(this.db);
    const { clock } = process;
    const deps = { clock, logger: silent };
    const workerId = (): WorkerId => this.heartbeat.workerId;
    const store = flawedAttempts(simAttempts(this.db, ledger.saw), defects, (jobId) => this.acceptEarly(jobId));
    this.runner = new JobRunner<SimTransaction>({
      ...deps,
      store,
      transactions: simTransactions(this.db, defects),
      handlers: scriptedHandlers(process, this.db, ledger, name === 'w1' && world.mode === 'distributed' ? [KIND] : [KIND, NEW_KIND]),
      announce: async (job) => (world.mode === 'distributed' ? this.publisher.publish(outcomeEvent(job)) : undefined),
      announceFromOutbox: world.mode === 'distributed',
      slotsChanged: async () => {
        ledger.saw('a long job was handed over to its lease');
        await this.consumer?.setPrefetch(await this.prefetch());
      },
      random: () => world.schedule.random.next(),
      classify: (error) => {
        const { fault } = error as { fault?: 'data' | 'busy' | 'connection' };
        return fault === 'data' && defects.has('a settlement that the store refuses for its data is sent again as it is')
          ? 'connection'
          : (fault ?? 'connection');
      },
      workerId,
      config: { ...TIMES.runner, maxBatch: 50, maxAside: 2 },
    });
    this.heartbeat = new HeartbeatLoop({
      ...deps,
      store: workers,
      runner: this.runner,
      worker: () => ({ name, concurrency: world.concurrency, queues: [] }),
      config: { leaseSeconds: TIMES.leaseSeconds, beatMs: TIMES.beatMs },
      onBeat: (reachable) => (this.missedBeats = reachable ? 0 : this.missedBeats + 1),
    });
    if (world.mode === 'distributed') {
      this.consumer = new SimConsumer(process, world.broker, QUEUE, (delivery) => this.take(delivery));
      this.relay = new OutboxRelay({ ...deps, outbox: simOutbox(this.db, world.cursor), publisher, config: TIMES.relay });
    } else {
      this.local = new LocalProcessor({
        ...deps,
        store,
        runner: this.runner,
        workerId,
        config: { concurrency: world.concurrency, pollMs: 500, queues: null },
      });
    }
    this.sweeper = new LeaseSweeper({
      ...deps,
      store: workers,
      queues: simQueues(this.db),
      depth: (queue) => (world.mode === 'distributed' ? this.publisher.depth(queue) : Promise.resolve(0)),
      me: workerId,
      recovered: () => this.nudge(),
      config: TIMES.sweeper,
    });
    void this.start();
  }

  nudge(): void {
    this.relay?.nudge();
    this.local?.nudge();
  }

  /** SIGTERM: as WorkerService.drain and its module's close do it. The process is gone when it resolves. */
  async drain(): Promise<void> {
    this.world.schedule.note(this.process, '*** drains');
    this.stop.abort();
    await this.consumer?.setPrefetch(0);
    await this.local?.close();
    this.runner.turnAway(true);
    if (!(await this.runner.idleWithin(2_000))) {
      this.runner.stopAll('drain', 'the worker is shutting down');
      await this.runner.idleWithin(4_000);
    }
    await this.relay?.close(1_000);
    await this.sweeper.close();
    this.consumer?.close();
    await this.process.clock.sleep(300);
    await this.heartbeat.close().catch(() => undefined);
    this.process.crash();
  }

  private async start(): Promise<void> {
    for (;;) {
      try {
        await this.heartbeat.start();
        break;
      } catch {
        await this.process.clock.sleep(500);
      }
    }
    await this.holdPresence();
    if (this.world.runsSweeps()) this.relay?.start();
    this.sweeper.start();
    this.local?.start();
    while (!this.stop.signal.aborted) {
      await this.consumer?.setPrefetch(await this.prefetch());
      await this.process.clock.sleep(TIMES.syncMs, this.stop.signal);
    }
  }

  private async prefetch(): Promise<number> {
    const reachable = this.missedBeats < 3;
    this.runner.turnAway(!reachable || this.stop.signal.aborted);
    if (!reachable) return 0;
    try {
      const paused = await this.db.run('queues', (tables) => tables.queues.get(QUEUE) === true);
      return paused || this.stop.signal.aborted ? 0 : this.world.concurrency - this.runner.unguarded(QUEUE);
    } catch {
      return this.world.concurrency;
    }
  }

  private take(delivery: Delivery): void {
    const { ledger } = this.world;
    const { jobId, publishId } = delivery;
    if (this.inHand.get(publishId) === jobId && this.runner.size > 0) ledger.saw('a copy that came back was adopted');
    this.inHand.set(publishId, jobId);
    const known = flawedDelivery(delivery, this.world.defects);
    this.deliveries.set(jobId, known);
    const counted: Delivery = {
      ...{ jobId, publishId, kind: delivery.kind, queue: delivery.queue },
      get open() {
        return known.open;
      },
      accept: () => known.accept(),
      reject: () => known.reject(),
      release: () => {
        if (known.open) ledger.requeued(jobId);
        known.release();
      },
    };
    void this.runner.handle(counted).finally(() => this.inHand.delete(publishId));
  }

  private acceptEarly(jobId: JobId): void {
    this.deliveries.get(jobId)?.accept();
  }

  private async holdPresence(): Promise<void> {
    for (;;) {
      try {
        const { workerId } = this.heartbeat;
        await this.db.run('presence lock', (tables) => {
          tables.presence.add(workerId);
          this.db.presence = workerId;
        });
        return;
      } catch {
        await this.process.clock.sleep(250);
      }
    }
  }

  private regainPresence(): void {
    if (this.db.presence === null || this.process.dead) return;
    this.process.local(20, 'notices that its presence connection is gone', () => void this.holdPresence());
  }
}
