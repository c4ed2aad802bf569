import { type ChangeListener, type Logger, systemClock } from '@app/core';
import {
  createDataSource,
  Database,
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
} from '@app/postgres';
import type { DataSource } from 'typeorm';
import type { RuntimeConfig } from './config.js';

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
  /** Statements of the protocol that wait for a connection. */
  readonly poolWaiting: () => number;

  private readonly db: Database;

  private constructor(
    readonly dataSource: DataSource,
    private readonly protocol: DataSource,
    config: RuntimeConfig,
  ) {
    const db = new Database(protocol);
    this.db = db;
    this.poolWaiting = () => db.pool.waitingCount;
    this.attempts = new PostgresAttempts(db, config.maxCrashes);
    this.deadLetters = new PostgresDeadLetters(db);
    this.emailCounts = new PostgresEmailCounts(db);
    this.events = new PostgresEvents(db);
    this.jobs = new PostgresJobs(db);
    this.load = new PostgresLoad(db);
    this.notices = new PostgresNotices(db);
    this.outbox = new PostgresOutbox(db);
    this.queues = new PostgresQueues(db, config.maxQueues);
    this.retention = new PostgresRetention(db);
    this.submissions = new PostgresSubmissions(db, { keySeconds: config.keySeconds, fastPathSeconds: config.broker === 'none' ? 0 : FAST_PATH_SECONDS });
    this.transactions = new PostgresTransactions(dataSource, config.leaseSeconds);
    this.webhookDeliveries = new PostgresWebhookDeliveries(db);
    this.webhookEndpoints = new PostgresWebhookEndpoints(db, { max: config.maxEndpoints, secrets: config.secretKeys });
    this.workers = new PostgresWorkers(db, config.maxCrashes);
  }

  /** Who is told of the jobs that this process changes, as soon as that is committed. */
  tell(changed: ChangeListener): void {
    this.db.changed = changed;
  }

  /** Waits for the database to answer, up to `patienceMs`, for processes are often started together. */
  static async open(
    config: RuntimeConfig,
    applicationName: string,
    logger: Logger,
    { patienceMs = 30_000, protocolPool = PROTOCOL_POOL } = {},
  ): Promise<Store> {
    const end = Date.now() + patienceMs;
    for (;;) {
      const dataSource = createDataSource({ url: config.databaseUrl, poolSize: config.poolSize, applicationName: `${applicationName}: jobs` });
      const protocol = createDataSource({ url: config.databaseUrl, poolSize: protocolPool, applicationName, queryTimeoutMs: QUERY_TIMEOUT_MS, byIndex: true });
      try {
        await dataSource.initialize();
        await protocol.initialize();
        if (await protocol.showMigrations()) throw new PendingMigrations();
        return new Store(dataSource, protocol, config);
      } catch (error) {
        await destroy(dataSource, protocol);
        if (error instanceof PendingMigrations || Date.now() > end) throw error;
        logger.warn({ err: error }, 'PostgreSQL does not answer yet');
        await systemClock.sleep(1_000);
      }
    }
  }

  /** Rejects when the database does not answer. */
  async ping(): Promise<void> {
    await this.protocol.query('SELECT 1');
  }

  async close(): Promise<void> {
    await destroy(this.dataSource, this.protocol);
  }
}

async function destroy(...dataSources: DataSource[]): Promise<void> {
  for (const dataSource of dataSources) if (dataSource.isInitialized) await dataSource.destroy();
}

class PendingMigrations extends Error {
  constructor() {
    super('the database lacks migrations; run: npm run migrate');
    this.name = 'PendingMigrations';
  }
}
