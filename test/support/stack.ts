import pg from 'pg';
import { Api } from './api.js';
import { FINDS_TABLES, type FreshDatabase, freshDatabase } from './database.js';
import type { Mode } from './modes.js';
import { type App, spawnApp } from './processes.js';
import { freshVhost } from './vhost.js';

/** A Longhaul of its own: database, virtual host in distributed mode, gateways and workers as real processes. */
export interface Stack {
  api: Api;
  gateway: App;
  workers: App[];
  databaseUrl: string;
  amqpUrl: string;
  /** The environment that its processes share, for starting more of them. */
  env: Record<string, string>;
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** The pids of the processes that work, as their names in the store have them. */
  workingPids(): Promise<number[]>;
  /** The pid of the one that runs a job. */
  ownerPid(jobId: string): Promise<number | undefined>;
  stop(): Promise<void>;
}

export interface StackOptions {
  /** Single-process: the gateway runs the jobs, without a broker. Distributed: RabbitMQ and workers. */
  mode: Mode;
  workers?: number;
  env?: Record<string, string>;
  /** What the database says every session begins with, as `name = value`. */
  databaseSettings?: string[];
  /** One that others use too, with the name of this one's schema in it; its maker drops it. */
  database?: FreshDatabase;
  schema?: string;
  /** In place of the virtual host's own URL, e.g. by a proxy. */
  amqpUrl?: (url: string) => string | Promise<string>;
}

export async function startStack({ mode, workers = 1, env: more = {}, databaseSettings = [], amqpUrl = (url) => url, ...given }: StackOptions): Promise<Stack> {
  const [database, vhost] = await Promise.all([given.database ?? freshDatabase(databaseSettings), mode === 'distributed' ? freshVhost() : undefined]);
  const env = {
    DATABASE_URL: database.url,
    ...(given.schema ? { LONGHAUL_SCHEMA: given.schema } : {}),
    ...(vhost ? { AMQP_URL: await amqpUrl(vhost.url) } : {}),
    ...more,
  };
  const [gateway, started] = await Promise.all([
    spawnApp('gateway', env),
    Promise.all(Array.from({ length: mode === 'distributed' ? workers : 0 }, () => spawnApp('worker', env))),
  ]);
  const pool = new pg.Pool({ connectionString: database.url, options: given.schema ? `-c search_path=${given.schema}` : FINDS_TABLES, max: 2 });
  pool.on('error', () => undefined);
  const query = async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> => (await pool.query<Row>(text, values)).rows;
  const pids = async (text: string, values?: unknown[]) => (await query<{ name: string }>(text, values)).map(({ name }) => Number(name.split(':').at(-1)));
  return {
    api: new Api(gateway.url),
    gateway,
    workers: started,
    databaseUrl: database.url,
    amqpUrl: vhost?.url ?? '',
    env,
    query,
    workingPids: () => pids('SELECT name FROM workers'),
    ownerPid: async (jobId) => (await pids('SELECT w.name FROM jobs j JOIN workers w ON w.id = j.worker_id WHERE j.id = $1', [jobId]))[0],
    stop: async () => {
      await Promise.all([gateway, ...started].filter((app) => app.isRunning()).map((app) => app.stop()));
      await pool.end();
      await Promise.all([given.database ? undefined : database.drop(), vhost?.drop()]);
    },
  };
}
