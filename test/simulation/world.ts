import { isTerminal, type Job } from '@app/core';
import type { Mode } from '../support/modes.js';
import { SimBroker } from './broker.js';
import type { Defect } from './defects.js';
import { SimGateway } from './gateway.js';
import { Ledger } from './ledger.js';
import type { SimProcess } from './process.js';
import { Random } from './random.js';
import { OUTSIDE, Schedule } from './schedule.js';
import { OTHER_QUEUE, QUEUE } from './queues.js';
import { SimServer, type SimSession } from './server.js';
import { type Surroundings, TIMES } from './surroundings.js';
import { Tables } from './store/tables.js';
import { SimWorker } from './worker.js';

export interface WorldOptions {
  seed: number;
  /** Single-process: no broker, the processes run the jobs themselves. */
  mode: Mode;
  workers: number;
  gateways: number;
  concurrency: number;
  tempo: { usual: number; rare: number };
  /** Jobs may be under limits. */
  limited?: boolean;
  /** Jobs that wait are moved to another queue, and back. */
  moving?: boolean;
  /** More jobs come at once than the queue may hold. */
  flooded?: boolean;
  defects?: Iterable<Defect>;
}

/** Database, broker, ledger and the processes of one schedule; a supervisor starts again what has died. */
export class World implements Surroundings {
  readonly schedule: Schedule;
  readonly random: Random;
  readonly server: SimServer;
  readonly broker: SimBroker;
  readonly ledger: Ledger;
  readonly tables: Tables;
  readonly defects: ReadonlySet<Defect>;
  readonly mode: Mode;
  readonly concurrency: number;
  readonly limited: boolean;
  readonly turns: boolean;
  readonly moving: boolean;
  /** Only in a defect: how far everybody has read the outbox. */
  readonly cursor: { last: string } | undefined;
  readonly workers = new Map<string, SimWorker>();
  readonly gateways = new Map<string, SimGateway>();

  constructor(readonly options: WorldOptions) {
    this.random = new Random(options.seed);
    this.schedule = new Schedule(this.random, options.tempo);
    this.defects = new Set(options.defects);
    if (this.defects.has('the outbox is read by a cursor')) this.cursor = { last: '' };
    this.mode = options.mode;
    this.concurrency = options.concurrency;
    this.limited = options.limited === true;
    this.turns = this.limited || options.flooded === true;
    this.moving = options.moving === true;
    this.tables = new Tables(() => this.schedule.now, this.defects);
    this.broker = new SimBroker(this.schedule);
    this.ledger = new Ledger(this.tables, this.broker, this.schedule);
    this.server = new SimServer(this.tables, this.schedule, this.ledger.saw);
    this.server.afterStatement = this.ledger.afterStatement;
    for (const queue of this.queues) this.tables.queues.set(queue, false);
    for (let number = 1; number <= options.gateways; number++) this.startGateway(`g${number}`);
    for (let number = 1; number <= options.workers; number++) this.startWorker(`w${number}`);
  }

  get processes(): SimProcess[] {
    return [...this.gateways.values(), ...this.workers.values()].map(({ process }) => process);
  }

  get queues(): string[] {
    return this.moving ? [QUEUE, OTHER_QUEUE] : [QUEUE];
  }

  runsSweeps(): boolean {
    return !this.defects.has('nobody sweeps the outbox');
  }

  /** A transaction whose process stands still is ended by PostgreSQL after a lease. */
  idleTransactions(session: SimSession, until: number): void {
    this.schedule.post(TIMES.leaseSeconds * 1_000, null, '', () => {
      if (session.process.frozenUntil < until || !session.process.frozen) return;
      for (const transaction of session.transactions) this.server.roll(session, transaction);
    });
  }

  /** Nothing is left to do, or to wait for. */
  get quiet(): boolean {
    const { tables, broker, mode } = this;
    for (const { job } of tables.jobs.values()) if (!isTerminal(job.state)) return false;
    for (const { type } of tables.outbox.values()) if (mode === 'distributed' || type === 'job') return false;
    for (const queue of broker.queues.values()) if (queue.ready.length > 0) return false;
    for (const link of broker.links) if (link.unacked.size > 0) return false;
    return [...this.workers.values()].every(({ runner }) => runner.size === 0);
  }

  jobs(): Job[] {
    return [...this.tables.jobs.values()].map(({ job }) => job);
  }

  private startGateway(name: string): void {
    const gateway = new SimGateway(this, name);
    this.gateways.set(name, gateway);
    gateway.process.whenDead(() => this.again(name, () => this.startGateway(name)));
  }

  private startWorker(name: string): void {
    const worker = new SimWorker(this, name);
    this.workers.set(name, worker);
    worker.process.whenDead(() => this.again(name, () => this.startWorker(name)));
  }

  private again(name: string, start: () => void): void {
    this.schedule.post(this.random.int(200, 3_000), OUTSIDE, `${name} is started again`, start);
  }
}
