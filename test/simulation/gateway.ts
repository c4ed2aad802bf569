import { type Job, KnownLimits, LeaseSweeper, OutboxRelay, Refusal, ReleasePass, SubmitJob, type SubmitRequest } from '@app/core';
import { SimBacklogs } from './allowances.js';
import { flawedPublisher, flawedSubmissions } from './flaws.js';
import { SimProcess } from './process.js';
import { QUEUE } from './queues.js';
import { HEAVY_KIND, KIND, NEW_KIND, scriptedHandlers } from './script.js';
import { readLimits } from './store/limits.js';
import type { SimSession } from './server.js';
import type { SimTransaction } from './store/session.js';
import { simControl, simOutbox, simRoom, simQueues, simSubmissions, simWorkers } from './store/sim-stores.js';
import { SimPublisher } from './transport.js';
import { silent, type Surroundings, TIMES } from './surroundings.js';

/** Jobs that one message wakes up. */
const MESSAGE_SIZE = 5;

/** A process that accepts work, composed of the real core as the gateway's module and DistributedService do it. */
export class SimGateway {
  readonly process: SimProcess;
  readonly db: SimSession;
  readonly publisher: SimPublisher;
  private readonly submitJob: SubmitJob<SimTransaction>;

  constructor(
    private readonly world: Surroundings,
    readonly name: string,
  ) {
    const process = (this.process = new SimProcess(name, world.schedule));
    const { defects, ledger } = world;
    this.db = world.server.session(process);
    this.publisher = new SimPublisher(process, world.broker, defects, ledger.saw);
    const publisher = flawedPublisher(this.publisher, simOutbox(this.db), defects);
    const deps = { clock: process.clock, logger: silent };
    const allowances = ledger.allowancesOf(process, () => publisher.ready);
    const backlogs = new SimBacklogs(QUEUE, allowances, defects);
    const outbox = simOutbox(this.db, world.cursor, defects);
    const relay = new OutboxRelay({
      ...deps,
      ...(world.turns ? { backlogs } : {}),
      outbox: world.turns ? allowances.outbox(outbox) : outbox,
      publisher,
      config: TIMES.relay,
    });
    const pass = new ReleasePass({
      ...deps,
      room: simRoom(this.db, ledger.saw),
      backlogs,
      ready: (queue) => this.publisher.depth(queue),
      canPublish: () => publisher.ready,
      publish: (messages) => relay.publish(messages),
      config: TIMES.pass,
    });
    const stored = simSubmissions(this.db, { keySeconds: 3_600, fastPathSeconds: world.mode === 'distributed' ? TIMES.fastPathSeconds : 0 });
    const submissions = world.turns ? allowances.submission(stored) : stored;
    this.submitJob = new SubmitJob<SimTransaction>({
      kinds: scriptedHandlers(process, this.db, ledger, [KIND, NEW_KIND, HEAVY_KIND]),
      queues: simQueues(this.db),
      store: flawedSubmissions(submissions, process.clock.now, defects),
      ...(world.turns ? { backlogs, waiting: (limited: boolean) => pass.waiting(limited) } : {}),
      ...(world.limited ? { limits: new KnownLimits(() => this.db.run('limits', readLimits)) } : {}),
      committed: (wakeUp) => {
        if (world.mode === 'distributed') relay.publishNow(wakeUp);
      },
      classify: (error) => (error as { fault?: 'connection' | 'busy' }).fault ?? (error instanceof Refusal ? 'data' : 'connection'),
      maxBatch: 20,
      wakeUpSize: () => (world.mode === 'distributed' ? MESSAGE_SIZE : 1),
    });
    const sweeper = new LeaseSweeper({
      ...deps,
      store: simWorkers(this.db),
      queues: simQueues(this.db),
      depth: (queue) => (world.mode === 'distributed' ? this.publisher.depth(queue) : Promise.resolve(0)),
      me: () => null,
      recovered: () => relay.nudge(),
      config: TIMES.sweeper,
    });
    if (world.mode === 'distributed' && world.runsSweeps()) relay.start();
    if (world.turns) pass.start();
    sweeper.start();
  }

  /** A client's request. It hears nothing if this process dies, or freezes for too long. */
  async submit(request: SubmitRequest): Promise<Job | 'refused' | 'unknown'> {
    try {
      const { job, waiting } = await this.submitJob.submit(request);
      if (waiting) this.world.ledger.waits(job, request.options?.unique?.key ?? '');
      this.world.ledger.answered(job, request.idempotencyKey);
      return job;
    } catch (error) {
      return error instanceof Refusal && error.code === 'idempotency_key_reused' ? 'refused' : 'unknown';
    }
  }

  /** A client's request with several jobs. */
  async submitAll(requests: SubmitRequest[]): Promise<Job[] | 'unknown'> {
    try {
      const jobs = (await this.submitJob.submitAll(requests)).map(({ job }) => job);
      for (const job of jobs) this.world.ledger.answered(job, undefined);
      return jobs;
    } catch {
      return 'unknown';
    }
  }

  /** An operator moves all jobs that wait, as one page of an act on many. */
  async move(toQueue: string): Promise<void> {
    await simControl(this.db, this.world.ledger.saw)
      .move(toQueue)
      .catch(() => undefined);
  }

  async control(what: 'cancel' | 'redrive', job: Job): Promise<void> {
    const control = simControl(this.db, this.world.ledger.saw);
    const done = what === 'cancel' ? control.cancel(job.id) : control.redrive(job.id);
    await done.catch(() => undefined);
  }
}
