import { DEFAULT_SCHEMA, inSchema, jsonText } from '@app/core';
import {
  type ClaimedJob,
  type JobId,
  type JobState,
  type JsonValue,
  type LeaseToken,
  type NewJob,
  type PublishId,
  uuidv4,
  uuidv7,
  type WorkerId,
} from '@app/core';
import type { QueryResultRow } from 'pg';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { FINDS_TABLES, freshDatabase, waitFor } from '../../../../test/support/index.js';
import { createDataSource } from '../pool/data-source.js';
import { Database } from '../pool/database.js';
import { historyOf } from '../run/history.js';
import { PostgresAttempts } from '../run/postgres-attempts.js';
import { PostgresDeadLetters } from '../letters/postgres-dead-letters.js';
import { PostgresEvents } from '../watch/postgres-events.js';
import { PostgresJobs } from '../control/postgres-jobs.js';
import { PostgresOutbox } from '../relay/postgres-outbox.js';
import { PostgresPauses } from '../control/postgres-pauses.js';
import { PostgresWaitingRoom } from '../room/postgres-waiting-room.js';
import { PostgresQueues } from '../control/postgres-queues.js';
import { PostgresSubmissions } from '../submit/postgres-submissions.js';
import { PostgresWorkers } from '../lease/postgres-workers.js';
import { lockKey } from '../locks.js';
import { PostgresTransactions } from '../pool/transactions.js';

/** The columns of `jobs` that tests look at. */
export interface StoredJob {
  id: JobId;
  state: JobState;
  attempt: number;
  max_attempts: number;
  fence: number;
  crashes: number;
  interruptions: number;
  redrives: number;
  lease_token: LeaseToken | null;
  publish_id: PublishId | null;
  worker_id: WorkerId | null;
  result: JsonValue;
  progress: JsonValue;
  errors: { code: string; attempt: number }[];
  events: number;
  /** As readers get it, written or not. */
  history: [seq: number, state: JobState, attempt: number, seconds: number][];
  run_at: string | null;
  finished_at: string | null;
}

export interface StoredOutboxRow {
  id: string;
  type: 'job' | 'event' | 'turn';
  job_id: JobId;
  attempts: number;
  suspect: boolean;
  due: boolean;
}

/** A process that holds its presence lock, as a live worker does. */
export interface LiveWorker {
  id: WorkerId;
  /** Frees the lock, as the end of the process does. */
  die(): Promise<void>;
}

/** The store's adapters on a database of this test file's own, and short ways to bring rows into a state. */
export class TestStore {
  readonly db: Database;
  readonly attempts: PostgresAttempts;
  readonly deadLetters: PostgresDeadLetters;
  readonly events: PostgresEvents;
  readonly jobs: PostgresJobs;
  readonly outbox: PostgresOutbox;
  readonly pauses: PostgresPauses;
  readonly queues: PostgresQueues;
  readonly room: PostgresWaitingRoom;
  readonly submissions: PostgresSubmissions;
  readonly transactions: PostgresTransactions;
  readonly workers: PostgresWorkers;
  private readonly sessions = new Set<pg.Client>();
  /** Of the test's own statements, which find the tables by their bare names; those of the adapters must not. */
  private readonly pool: pg.Pool;

  private constructor(
    readonly url: string,
    readonly dataSource: DataSource,
    private readonly drop: () => Promise<void>,
  ) {
    this.pool = new pg.Pool({ connectionString: url, options: FINDS_TABLES, max: 4 });
    this.pool.on('error', () => undefined);
    this.db = new Database(dataSource);
    this.attempts = new PostgresAttempts(this.db);
    this.deadLetters = new PostgresDeadLetters(this.db);
    this.events = new PostgresEvents(this.db);
    this.jobs = new PostgresJobs(this.db);
    this.outbox = new PostgresOutbox(this.db);
    this.pauses = new PostgresPauses(this.db);
    this.queues = new PostgresQueues(this.db, 10);
    this.room = new PostgresWaitingRoom(this.db);
    this.submissions = new PostgresSubmissions(this.db, { keySeconds: 3_600, fastPathSeconds: 0 });
    this.transactions = new PostgresTransactions(dataSource, 30);
    this.workers = new PostgresWorkers(this.db);
  }

  static async open(): Promise<TestStore> {
    const database = await freshDatabase();
    const dataSource = await createDataSource({ url: database.url, schema: DEFAULT_SCHEMA, poolSize: 8, applicationName: 'longhaul test' }).initialize();
    return new TestStore(database.url, dataSource, () => database.drop());
  }

  /**
   * Fails when a transaction was left open: whoever opened it has forgotten it. One that was rolled back is there until
   * PostgreSQL has noticed that its connection ended.
   */
  async close(): Promise<void> {
    const noneOpen = async () => {
      const open = await this.query(`SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`);
      return open.length === 0 || Promise.reject(new Error(JSON.stringify(open)));
    };
    try {
      await waitFor('the end of every transaction', noneOpen);
    } finally {
      for (const session of this.sessions) await session.end();
      // In this order: it ends what a test has forgotten, which would keep the pool from ending.
      await this.drop();
      await this.pool.end();
      await this.dataSource.destroy();
    }
  }

  async query<Row extends QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(inSchema(DEFAULT_SCHEMA, text), values)).rows;
  }

  /** Removes all rows, so that a test sees only its own. */
  async clear(): Promise<void> {
    // In one statement; for a few rows much cheaper than TRUNCATE.
    const protocol = ['job_events', 'job_steps', 'jobs', 'claims', 'idempotency_keys', 'outbox', 'workers', 'queues', 'dead_letters', 'dead_letter_groups'];
    const flow = ['retention_rules', 'waiting_room', 'flow_limits', 'flow_slots', 'flow_rates', 'unique_jobs', 'paused_kinds'];
    const tables = [...protocol, ...flow, 'notices', 'webhook_deliveries', 'webhook_endpoints'];
    await this.query(`WITH ${tables.map((table) => `${table}_ AS (DELETE FROM ${table})`).join(', ')} SELECT`);
  }

  /** Another session, outside the pool; ended with the store. */
  async session(options = ''): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url, options: `${FINDS_TABLES} ${options}` });
    client.on('error', () => undefined);
    await client.connect();
    this.sessions.add(client);
    client.on('end', () => this.sessions.delete(client));
    return client;
  }

  /** Resolves when a session waits for a row that another one has locked. */
  async waits(): Promise<void> {
    await waitFor('a session that waits for a lock', async () => {
      const waiting = await this.query(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`);
      return waiting.length > 0 || Promise.reject(new Error('none waits'));
    });
  }

  async row(id: JobId): Promise<StoredJob> {
    const [row] = await this.query<{ job: StoredJob }>(
      `SELECT to_jsonb(jobs) || jsonb_build_object('history', ${historyOf('jobs')}) AS job FROM jobs WHERE id = $1`,
      [id],
    );
    if (!row) throw new Error(`expected a job ${id}, got none`);
    return row.job;
  }

  outboxOf(id: JobId): Promise<StoredOutboxRow[]> {
    return this.query('SELECT id, type, job_ids, attempts, suspect, available_at <= now() AS due FROM outbox WHERE $1 = ANY (job_ids) ORDER BY available_at', [
      id,
    ]);
  }

  deadLettersOf(id: JobId): Promise<{ reason: string; source: string; redriven: boolean }[]> {
    return this.query('SELECT reason, source, redriven_at IS NOT NULL AS redriven FROM dead_letters WHERE job_id = $1 ORDER BY created_at', [id]);
  }

  /** Stores jobs and returns their ids. */
  async submit(...jobs: Partial<NewJob>[]): Promise<JobId[]> {
    const stored = jobs.map((job) => newJob(job));
    await this.submissions.submit(stored);
    return stored.map(({ id }) => id);
  }

  async queued(more: Partial<NewJob> = {}): Promise<JobId> {
    const [id] = await this.submit(more);
    return id as JobId;
  }

  /** A registered worker without a process behind it: its lease runs, its lock is free. */
  worker(leaseSeconds = 60): Promise<WorkerId> {
    return this.workers.register({ name: 'test', concurrency: 1, queues: [] }, leaseSeconds);
  }

  async liveWorker(leaseSeconds = 60): Promise<LiveWorker> {
    const id = await this.worker(leaseSeconds);
    const session = await this.session();
    await session.query('SELECT pg_advisory_lock($1, $2)', [lockKey('presence', DEFAULT_SCHEMA), id]);
    return { id, die: () => session.end() };
  }

  async claim(id: JobId, workerId: WorkerId, kind?: string): Promise<ClaimedJob> {
    const [answer] = await this.attempts.claim(workerId, [claimOf(id, kind)]);
    if (!answer?.claimed) throw new Error(`expected job ${id} to be claimed, got: ${JSON.stringify(answer)}`);
    return answer.claimed;
  }

  /** A running job of this worker. */
  async running(workerId: WorkerId, more: Partial<NewJob> = {}): Promise<ClaimedJob> {
    return this.claim(await this.queued(more), workerId);
  }
}

export function newJob(more: Partial<NewJob> = {}): NewJob {
  return {
    id: uuidv7() as JobId,
    kind: 'test.job',
    queue: 'default',
    priority: 4,
    payload: jsonText({ value: 1 }),
    maxAttempts: 3,
    timeoutMs: null,
    runAt: null,
    delayMs: null,
    tags: [],
    tenant: 'default',
    notify: [],
    traceparent: null,
    idempotency: null,
    outboxId: uuidv7(),
    ...more,
  };
}

export function keyed(key: string, fingerprint = 'one', scope = 'default'): Partial<NewJob> {
  return { idempotency: { scope, key, fingerprint: Buffer.from(fingerprint) } };
}

/** A claim by a copy of its own. */
export function claimOf(jobId: JobId, kind?: string) {
  return { jobId, publishId: newPublishId(), token: newToken(), ...(kind === undefined ? {} : { kind }) };
}

export function newToken(): LeaseToken {
  return uuidv4() as string as LeaseToken;
}

export function newPublishId(): PublishId {
  return uuidv4() as string as PublishId;
}
