import type { Logger } from '@app/core';
import {
  createDataSource,
  Database,
  PostgresAttempts,
  PostgresDeadLetters,
  PostgresJobs,
  PostgresOutbox,
  PostgresQueues,
  PostgresSubmissions,
  PostgresTransactions,
  PostgresWorkers,
} from '@app/postgres';
import type { DataSource } from 'typeorm';
import type { RuntimeConfig } from './config.js';

/** How long a new job's outbox row is left to the gateway that stored it, in seconds. */
const FAST_PATH_SECONDS = 5;

/** All that PostgreSQL remembers, over one pool. */
export class Store {
  readonly attempts: PostgresAttempts;
  readonly deadLetters: PostgresDeadLetters;
  readonly jobs: PostgresJobs;
  readonly outbox: PostgresOutbox;
  readonly queues: PostgresQueues;
  readonly submissions: PostgresSubmissions;
  readonly transactions: PostgresTransactions;
  readonly workers: PostgresWorkers;

  private constructor(readonly dataSource: DataSource, config: RuntimeConfig) {
    const db = new Database(dataSource);
    this.attempts = new PostgresAttempts(db);
    this.deadLetters = new PostgresDeadLetters(db);
    this.jobs = new PostgresJobs(db);
    this.outbox = new PostgresOutbox(db);
    this.queues = new PostgresQueues(db, config.maxQueues);
    this.submissions = new PostgresSubmissions(db, { keySeconds: config.keySeconds, fastPathSeconds: config.broker === 'none' ? 0 : FAST_PATH_SECONDS });
    this.transactions = new PostgresTransactions(dataSource);
    this.workers = new PostgresWorkers(db);
  }

  /** Waits for the database to answer, up to `patienceMs`, for processes are often started together. */
  static async open(config: RuntimeConfig, applicationName: string, logger: Logger, patienceMs = 30_000): Promise<Store> {
    const end = Date.now() + patienceMs;
    for (;;) {
      const dataSource = createDataSource({ url: config.databaseUrl, poolSize: config.poolSize, applicationName });
      try {
        await dataSource.initialize();
        if (await dataSource.showMigrations()) throw new PendingMigrations();
        return new Store(dataSource, config);
      } catch (error) {
        if (dataSource.isInitialized) await dataSource.destroy();
        if (error instanceof PendingMigrations || Date.now() > end) throw error;
        logger.warn({ err: error }, 'PostgreSQL does not answer yet');
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    }
  }

  /** Rejects when the database does not answer. */
  async ping(): Promise<void> {
    await this.dataSource.query('SELECT 1');
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
  }
}

class PendingMigrations extends Error {
  constructor() {
    super('the database lacks migrations; run: npm run migrate');
    this.name = 'PendingMigrations';
  }
}
