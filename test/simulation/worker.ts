import {
  HandedOn,
  HeartbeatLoop,
  Inbox,
  type JobId,
  type JobMessage,
  JobRunner,
  LeaseSweeper,
  LocalProcessor,
  OutboxRelay,
  ReleasePass,
  takesFrom,
  TakenQueues,
  type WakeUp,
  type WorkerId,
} from '@app/core';
import { outcomeEvent } from '@app/views';
import { SimBacklogs } from './allowances.js';
import { flawedAttempts, flawedMessage, flawedPublisher, splitDefects } from './flaws.js';
import { SimProcess } from './process.js';
import { QUEUE } from './queues.js';
import { HEAVY_KIND, HEAVY_SLOTS, KIND, NEW_KIND, scriptedHandlers } from './script.js';
import { type SimSession } from './server.js';
import type { SimTransaction } from './store/session.js';
import { simAttempts, simOutbox, simRoom, simQueues, simTransactions, simWorkers } from './store/sim-stores.js';
import { SimConsumer, SimPublisher } from './transport.js';
import { silent, type Surroundings, TIMES } from './surroundings.js';

/** A process that runs jobs, composed of the real core as WorkerHost and WorkerService (distributed mode) or SingleProcessService do it. */
export class SimWorker {
  readonly process: SimProcess;
  readonly db: SimSession;
  readonly publisher: SimPublisher;
  /** By queue; none without a broker. */
  readonly consumers = new Map<string, SimConsumer>();
  readonly runner: JobRunner<SimTransaction>;
  private readonly inbox: Inbox;
  private readonly heartbeat: HeartbeatLoop;
  private readonly relay: OutboxRelay | undefined;
  private readonly pass: ReleasePass | undefined;
  private readonly sweeper: LeaseSweeper;
  private readonly local: LocalProcessor | undefined;
  private readonly stop = new AbortController();
  private readonly messages = new Map<JobId, WakeUp>();
  private missedBeats = 0;
  /** Queues of which the broker sends messages. */
  private consumed: ReadonlySet<string> = new Set();
  /** Those that it took from when it looked last. */
  private mine: readonly string[] = [];
  /** Those that it was assigned, else all. */
  private readonly taken = new TakenQueues([]);

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
    const attempts = flawedAttempts(simAttempts(this.db, ledger.saw), defects, (jobId) => this.acceptEarly(jobId));
    const store: typeof attempts = {
      ...attempts,
      claim: (id, requests) => {
        for (const { jobId, queue } of requests) ledger.begins(process, jobId, queue);
        return attempts.claim(id, requests);
      },
    };
    const kinds = name === 'w1' && world.mode === 'distributed' ? [KIND] : [KIND, NEW_KIND];
    const handlers = scriptedHandlers(process, this.db, ledger, [...kinds, HEAVY_KIND], world.concurrency);
    const light = defects.has('a job that takes several slots begins with one');
    const slotsOf = (kind: string) => (light ? 1 : (handlers.policy(kind)?.slots ?? 1));
    this.runner = new JobRunner<SimTransaction>({
      ...deps,
      store,
      transactions: simTransactions(this.db, defects),
      handlers,
      announce: async (jobs) => (world.mode === 'distributed' ? this.publisher.publishEvents(jobs.map((job) => outcomeEvent(job))) : new Map()),
      announceFromOutbox: world.mode === 'distributed',
      slotsChanged: async () => {
        ledger.saw('a long job was handed over to its lease');
        await this.adjust();
      },
      slotsFreed: ({ handedOn, roomFreed }) => {
        for (const message of handedOn) {
          if (this.inbox.handOn(this.begins(message))) ledger.saw('a job that was handed on began where its slot was freed');
          else this.relay?.publishNow(message);
        }
        if (roomFreed) this.pass?.nudge();
      },
      random: () => world.schedule.random.next(),
      classify: (error) => {
        const { fault } = error as { fault?: 'data' | 'busy' | 'connection' };
        return fault === 'data' && defects.has('a settlement that the store refuses for its data is sent again as it is')
          ? 'connection'
          : (fault ?? 'connection');
      },
      workerId,
      config: { ...TIMES.runner, maxBatch: 50, maxAside: 2, ...(light ? {} : { concurrency: world.concurrency }) },
    });
    this.inbox = new Inbox({
      ...deps,
      runner: this.runner,
      store,
      slotsOf,
      publishDeadLetter: () => this.publisher.publishDeadLetter(),
      creditChanged: () => this.adjust(),
      putBack: () => {
        ledger.saw('jobs that waited for a slot were put back');
        this.relay?.nudge();
      },
      config: {
        concurrency: defects.has('the rest of a message is begun without a free slot') ? 1_000 : world.concurrency,
        waitMs: TIMES.inboxWaitMs,
        severalWaitMs: TIMES.severalWaitMs,
      },
    });
    this.heartbeat = new HeartbeatLoop({
      ...deps,
      store: workers,
      runner: this.runner,
      worker: () => ({ name, concurrency: world.concurrency, queues: this.taken.taken, ...(this.taken.assigned ? { assigned: this.taken.assigned } : {}) }),
      onAssigned: (assigned) => void this.taken.assign(assigned),
      config: { leaseSeconds: TIMES.leaseSeconds, beatMs: TIMES.beatMs },
      onBeat: (reachable) => (this.missedBeats = reachable ? 0 : this.missedBeats + 1),
    });
    if (world.mode === 'distributed') {
      for (const queue of world.queues) this.consumers.set(queue, new SimConsumer(process, world.broker, queue, (message) => this.take(message)));
      const allowances = ledger.allowancesOf(process, () => publisher.ready);
      const backlogs = new SimBacklogs(QUEUE, allowances, defects);
      const outbox = simOutbox(this.db, world.cursor, defects, ledger.saw);
      const relay = (this.relay = new OutboxRelay({
        ...deps,
        ...(world.turns ? { backlogs } : {}),
        outbox: world.turns ? allowances.outbox(outbox) : outbox,
        publisher,
        config: TIMES.relay,
      }));
      if (world.turns)
        this.pass = new ReleasePass({
          ...deps,
          room: simRoom(this.db, ledger.saw),
          backlogs,
          ready: (queue) => this.publisher.depth(queue),
          canPublish: () => publisher.ready,
          publish: (messages) => relay.publish(messages),
          config: TIMES.pass,
        });
    } else {
      this.local = new LocalProcessor({
        ...deps,
        store,
        runner: this.runner,
        workerId,
        severalSlots: () => new Map(light ? [] : [[HEAVY_KIND, Math.min(HEAVY_SLOTS, world.concurrency)]]),
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

  /** Of the queue that every schedule has. */
  get consumer(): SimConsumer | undefined {
    return this.consumers.get(QUEUE);
  }

  nudge(): void {
    this.relay?.nudge();
    this.local?.nudge();
  }

  /** SIGTERM: as WorkerService.drain and its module's close do it. The process is gone when it resolves. */
  async drain(): Promise<void> {
    this.world.schedule.note(this.process, '*** drains');
    this.stop.abort();
    this.consumed = new Set();
    await this.adjust();
    await this.local?.close();
    this.inbox.turnAway(true);
    if (!(await this.runner.idleWithin(2_000))) {
      this.runner.stopAll('drain', 'the worker is shutting down');
      await this.runner.idleWithin(4_000);
    }
    await this.pass?.close();
    await this.relay?.close(1_000);
    await this.sweeper.close();
    for (const consumer of this.consumers.values()) consumer.close();
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
    this.pass?.start();
    this.sweeper.start();
    this.local?.start();
    while (!this.stop.signal.aborted) {
      await this.sync();
      await this.process.clock.sleep(TIMES.syncMs, this.stop.signal);
    }
  }

  /** As WorkerService does it: what is not consumed any more goes back after the broker was told. */
  private async sync(): Promise<void> {
    const { wanted } = this.taken;
    const mine = this.world.queues.filter((queue) => takesFrom(wanted, queue));
    const queues = new Set((await this.consumes()) ? mine : []);
    // The drain of WorkerService waits for the end of this look.
    if (this.stop.signal.aborted) return;
    this.inbox.open(queues);
    // Its messages may come before this look has ended.
    this.world.ledger.takes(this.process, [...mine, ...this.mine]);
    this.mine = mine;
    const forgets = this.world.defects.has('a worker is sent jobs of a queue that it takes from no more');
    this.consumed = forgets && queues.size > 0 ? new Set(this.world.queues) : queues;
    await this.adjust();
    this.inbox.keep(this.consumed);
    this.taken.took(wanted);
    this.world.ledger.takes(this.process, mine);
  }

  /** As JobTransport does it. */
  private async adjust(): Promise<void> {
    await Promise.all([...this.consumers].map(([queue, consumer]) => consumer.setPrefetch(this.consumed.has(queue) ? this.inbox.credit(queue) : 0)));
  }

  private async consumes(): Promise<boolean> {
    const reachable = this.missedBeats < 3;
    this.inbox.turnAway(!reachable);
    if (!reachable) return false;
    try {
      return await this.db.run('queues', (tables) => tables.queues.get(QUEUE) !== true);
    } catch {
      return true;
    }
  }

  private take(message: WakeUp): void {
    const { ledger, defects } = this.world;
    const { jobIds, publishId, kind, queue } = message;
    for (const id of jobIds) if (this.runner.holds(id) && this.messages.get(id)?.publishId === publishId) ledger.saw('a copy that came back was adopted');
    const known = flawedMessage(message, defects);
    for (const id of jobIds) this.messages.set(id, known);
    const counted: WakeUp = {
      ...{ jobIds, publishId, kind, queue },
      get open() {
        return known.open;
      },
      accept: () => known.accept(),
      reject: () => known.reject(),
      release: () => {
        if (known.open) for (const id of jobIds) ledger.requeued(id);
        known.release();
      },
    };
    const parts = jobIds.length > 1 ? splitDefects(counted, defects) : [counted];
    for (const part of parts) this.inbox.receive(part);
  }

  /** A job that was handed on to this process. */
  private begins(message: JobMessage): WakeUp {
    const { defects } = this.world;
    const gone = defects.has('a job that was handed on leaves no row in the outbox');
    if (gone) this.relay?.done(message.outboxId);
    return new HandedOn(message, {
      done: (outboxId) => this.relay?.done(outboxId),
      bury: () => this.publisher.publishDeadLetter(),
      logger: silent,
    });
  }

  private acceptEarly(jobId: JobId): void {
    this.messages.get(jobId)?.accept();
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
