import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { Api, FINDS_TABLES, freshDatabase, freshVhost, type Mode, tcpProxy, type TcpProxy, waitFor } from '../../support/index.js';
import { Slot } from './slot.js';
import type { Victims } from './victims.mjs';

export interface WorldOptions {
  /** Single-process: the gateways run the jobs, without a broker. Default is distributed. */
  mode?: Mode;
  gateways?: number;
  workers?: number;
  env?: Record<string, string>;
  /** For the first process of the first gateway or worker only, e.g. a crash point. */
  firstGateway?: Record<string, string>;
  firstWorker?: Record<string, string>;
  /** Mechanisms to take out of every process: see preload/sabotage.mjs. */
  sabotage?: string[];
}

/** Seconds. Short, so that what only the lease can tell is told soon. */
export const LEASE_SECONDS = 5;

const preload = (name: string) => `--import ${pathToFileURL(join(import.meta.dirname, '../preload', `${name}.mjs`)).href}`;

/** Gateways and workers as real, supervised processes, behind proxies to a PostgreSQL and a RabbitMQ that may be killed. */
export class World {
  readonly gateways: Slot[] = [];
  readonly workers: Slot[] = [];
  /** When the last fault struck, and when it was over; milliseconds since the epoch. */
  struckAt = 0;
  healedAt = 0;

  private constructor(
    readonly victims: Victims,
    readonly mode: Mode,
    readonly databaseUrl: string,
    readonly amqpUrl: string,
    readonly databaseProxy: TcpProxy,
    readonly amqpProxy: TcpProxy,
    private readonly pool: pg.Pool,
    private readonly drops: (() => Promise<void>)[],
  ) {}

  static async start(victims: Victims, options: WorldOptions = {}): Promise<World> {
    const { mode = 'distributed', gateways = mode === 'distributed' ? 1 : 2, workers = mode === 'distributed' ? 2 : 0, sabotage = [] } = options;
    const database = await freshDatabase();
    const vhost = await freshVhost();
    const databaseProxy = await tcpProxy(database.url);
    const amqpProxy = await tcpProxy(vhost.url);
    const pool = new pg.Pool({ connectionString: database.url, options: FINDS_TABLES, max: 3 });
    pool.on('error', () => undefined);
    const world = new World(victims, mode, database.url, vhost.url, databaseProxy, amqpProxy, pool, [() => database.drop(), () => vhost.drop()]);
    const env = {
      DATABASE_URL: databaseProxy.url,
      ...(mode === 'distributed' ? { AMQP_URL: amqpProxy.url } : {}),
      LEASE_SECONDS: String(LEASE_SECONDS),
      DRAIN_SECONDS: '3',
      LOG_LEVEL: 'info',
      NODE_OPTIONS: ['crash-points', 'clock', 'sabotage'].map(preload).join(' '),
      SABOTAGE: sabotage.join(','),
      ...options.env,
    };
    for (let n = 0; n < gateways; n++) world.gateways.push(new Slot('gateway', env));
    for (let n = 0; n < workers; n++) world.workers.push(new Slot('worker', env));
    try {
      await Promise.all([
        ...world.gateways.map((slot, n) => slot.start(n === 0 ? options.firstGateway : undefined)),
        ...world.workers.map((slot, n) => slot.start(n === 0 ? options.firstWorker : undefined)),
      ]);
    } catch (error) {
      await world.abandon();
      throw error;
    }
    return world;
  }

  get slots(): Slot[] {
    return [...this.gateways, ...this.workers];
  }

  /** Who runs jobs: the workers, or in single-process mode the gateways. */
  get runners(): Slot[] {
    return this.mode === 'distributed' ? this.workers : this.gateways;
  }

  get deaths(): number {
    return this.slots.reduce((sum, { deaths }) => sum + deaths, 0);
  }

  api(index = 0): Api {
    const slot = this.gateways[index % this.gateways.length];
    if (!slot) throw new Error('expected a gateway');
    return new Api(slot.url);
  }

  struck(): void {
    this.struckAt = Date.now();
    this.healedAt = this.struckAt;
  }

  healed(): void {
    this.healedAt = Date.now();
  }

  /** Straight to PostgreSQL, past the proxy; again when it is away. */
  async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    // Of several statements, each has a result.
    const ask = async () => [await this.pool.query<Row>(text, values)].flat().at(-1)?.rows ?? [];
    return waitFor(`PostgreSQL to answer the test's query ${text.slice(0, 60)}`, ask, { timeoutMs: 60_000 });
  }

  /** Heals the proxies and waits until every process is ready. */
  async calm(): Promise<void> {
    await this.databaseProxy.heal();
    await this.amqpProxy.heal();
    for (const slot of this.slots) {
      slot.kill('SIGCONT');
      await waitFor(
        `${slot.name} to be ready`,
        async () => {
          await slot.ready(5_000);
          return true;
        },
        { timeoutMs: 90_000 },
      );
    }
  }

  /** Drains every process (each must exit with 0) and removes what is its own. */
  async stop(): Promise<void> {
    try {
      await Promise.all(this.slots.map((slot) => slot.stop()));
    } finally {
      await this.abandon();
    }
  }

  private async abandon(): Promise<void> {
    for (const slot of this.slots) await slot.stop().catch(() => undefined);
    await this.pool.end();
    await this.databaseProxy.close();
    await this.amqpProxy.close();
    for (const drop of this.drops) await drop();
  }
}
