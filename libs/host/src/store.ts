import { type ChangeListener, type Logger, StoreClock, systemClock } from '@app/core';
import {
  connectionOf,
  createDataSource,
  createReadPool,
  Database,
  databaseFault,
  findTls,
  PostgresAttempts,
  PostgresDeadLetters,
  PostgresEmailCounts,
  PostgresEvents,
  PostgresJobs,
  PostgresLoad,
  PostgresNotices,
  PostgresOutbox,
  PostgresQueues,
  PostgresRetention,
  PostgresSubmissions,
  PostgresTransactions,
  PostgresWebhookDeliveries,
  PostgresWebhookEndpoints,
  PostgresWorkers,
  requireSchema,
  requireSessions,
  SCHEMA_NUMBER,
} from '@app/postgres';
import type { DataSource } from 'typeorm';
import type { RuntimeConfig } from './config.js';
import { drainProcess } from './lifecycle.js';

/** How long a new job's outbox row is left to the gateway that stored it, in seconds. */
const FAST_PATH_SECONDS = 3;

/** Connections of the protocol itself, so that handlers that use up theirs cannot keep a heartbeat or a settlement waiting. */
const PROTOCOL_POOL = 10;

/** Of the protocol's own statements, of which each is short. */
const QUERY_TIMEOUT_MS = 10_000;

/** All that PostgreSQL remembers. `dataSource` is for handlers and files. */
export class Store {
  readonly attempts: PostgresAttempts;
  readonly deadLetters: PostgresDeadLetters;
  readonly emailCounts: PostgresEmailCounts;
  readonly events: PostgresEvents;
  readonly jobs: PostgresJobs;
  readonly load: PostgresLoad;
  readonly notices: PostgresNotices;
  readonly outbox: PostgresOutbox;
  readonly queues: PostgresQueues;
  readonly retention: PostgresRetention;
  readonly submissions: PostgresSubmissions;
  readonly transactions: PostgresTransactions;
  readonly webhookDeliveries: PostgresWebhookDeliveries;
  readonly webhookEndpoints: PostgresWebhookEndpoints;
  readonly workers: PostgresWorkers;
  /** Statements of the protocol that wait for a connection; readers wait elsewhere. */
  readonly poolWaiting: () => number;
  readonly readsWaiting: () => number;
  /** The database's clock: for whatever is compared with times that it has written. */
  readonly time: StoreClock;

  private readonly db: Database;
  private closed: Promise<void> | undefined;

  private constructor(
    readonly dataSource: DataSource,
    private readonly protocol: DataSource,
    private readonly readPool: ReturnType<typeof createReadPool>,
    config: RuntimeConfig,
    publishes: boolean,
  ) {
    const db = new Database(protocol);
    // For what is listed, counted or told again: of any size, and never in the protocol's way.
    const reads = new Database(protocol, readPool);
    this.db = db;
    this.time = new StoreClock(() => db.time());
    this.poolWaiting = () => db.pool.waitingCount;
    this.readsWaiting = () => readPool.waitingCount;
    this.attempts = new PostgresAttempts(db, config.maxCrashes);
    this.deadLetters = new PostgresDeadLetters(db, reads);
    this.emailCounts = new PostgresEmailCounts(db);
    this.events = new PostgresEvents(reads);
    this.jobs = new PostgresJobs(db, reads);
    this.load = new PostgresLoad(db);
    this.notices = new PostgresNotices(db);
    this.outbox = new PostgresOutbox(db);
    this.queues = new PostgresQueues(db, config.maxQueues);
    this.retention = new PostgresRetention(db);
    this.submissions = new PostgresSubmissions(db, { keySeconds: config.keySeconds, fastPathSeconds: publishes ? FAST_PATH_SECONDS : 0 });
    this.transactions = new PostgresTransactions(dataSource, config.leaseSeconds);
    this.webhookDeliveries = new PostgresWebhookDeliveries(db, reads);
    this.webhookEndpoints = new PostgresWebhookEndpoints(db, { max: config.maxEndpoints, secrets: config.secretKeys });
    this.workers = new PostgresWorkers(db, config.maxCrashes);
  }

  /** Who is told of the jobs that this process changes, as soon as that is committed. */
  tell(changed: ChangeListener): void {
    this.db.changed = changed;
  }

  /**
   * Waits up to `patienceMs` for a database that does not answer yet, for processes are often started together. What waiting does not
   * mend is thrown at once, as a {@link DatabaseError} of one line. `publishes`: this process sends to the broker what it has stored.
   */
  static async open(
    config: RuntimeConfig,
    applicationName: string,
    logger: Logger,
    { patienceMs = 30_000, protocolPool = PROTOCOL_POOL, publishes = config.broker !== 'none' } = {},
  ): Promise<Store> {
    const end = Date.now() + patienceMs;
    const { databaseUrl: url, schema } = config;
    for (let told = ''; ;) {
      let opened: DataSource[] = [];
      try {
        await findTls(url);
        const dataSource = createDataSource({ url, schema, poolSize: config.poolSize, applicationName: `${applicationName}: jobs`, session: 'handlers' });
        const protocol = createDataSource({ url, schema, poolSize: protocolPool, applicationName, queryTimeoutMs: QUERY_TIMEOUT_MS, byIndex: true });
        opened = [dataSource, protocol];
        await requireSessions({ connectionTimeoutMillis: 5_000, ...connectionOf(url), application_name: applicationName });
        await dataSource.initialize();
        await protocol.initialize();
        await requireSchema(new Database(protocol));
        const reads = createReadPool({
          url,
          schema,
          poolSize: config.readPool,
          applicationName: `${applicationName}: reads`,
          readTimeoutMs: config.readTimeoutMs,
        });
        const store = new Store(dataSource, protocol, reads, config, publishes && config.broker !== 'none');
        store.db.schemaSeen = drainsWhenOutdated(logger);
        await store.time.start();
        return store;
      } catch (error) {
        await destroy(...opened);
        const fault = databaseFault(error, url);
        if (!fault) throw error;
        if (!fault.passes || Date.now() > end) throw new DatabaseError(fault.line, { cause: error });
        if (fault.line !== told) logger.warn({ waitsSeconds: patienceMs / 1_000 }, fault.line);
        told = fault.line;
        await systemClock.sleep(1_000);
      }
    }
  }

  /** Rejects when the database does not answer. */
  async ping(): Promise<void> {
    await this.protocol.query('SELECT 1');
  }

  /** Once: whoever hosts a worker closes what the worker has closed. */
  close(): Promise<void> {
    return (this.closed ??= this.closeAll());
  }

  private async closeAll(): Promise<void> {
    this.time.stop();
    await this.readPool.end();
    await destroy(this.dataSource, this.protocol);
  }
}

async function destroy(...dataSources: DataSource[]): Promise<void> {
  for (const dataSource of dataSources) if (dataSource.isInitialized) await dataSource.destroy();
}

/** A migration has run that this version cannot work with: told once, and the process drains. */
function drainsWhenOutdated(logger: Logger): (breaking: number | null) => void {
  let told = false;
  return (breaking) => {
    if (told || breaking === null || breaking <= SCHEMA_NUMBER) return;
    told = true;
    const reason = `the schema of the database has changed to number ${breaking}, and this version knows ${SCHEMA_NUMBER}`;
    logger.error({ schema: breaking, known: SCHEMA_NUMBER }, `${reason}; install a newer Longhaul`);
    drainProcess(reason);
  };
}

/** The database cannot be used; the message is one line that says why, and what mends it. */
export class DatabaseError extends Error {
  constructor(line: string, options?: ErrorOptions) {
    super(line, options);
    this.name = 'DatabaseError';
  }
}
