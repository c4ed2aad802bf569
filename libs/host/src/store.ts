import {
  Backlogs,
  type ChangeListener,
  KnownLimits,
  KnownQuotas,
  type Logger,
  Paused,
  Reservations,
  StoreClock,
  systemClock,
  Tallies,
  uuidv4,
} from '@app/core';
import {
  connectionOf,
  createDataSource,
  createReadPool,
  Database,
  databaseFault,
  findTls,
  missingRights,
  PostgresAlerts,
  PostgresAttempts,
  PostgresAudit,
  PostgresBulk,
  PostgresDeadLetters,
  PostgresErasures,
  PostgresEvents,
  PostgresJobs,
  PostgresKeys,
  PostgresSessions,
  PostgresLimits,
  PostgresLoad,
  PostgresNotices,
  PostgresOutbox,
  PostgresPauses,
  PostgresQueues,
  PostgresQuotas,
  PostgresRecipientCounts,
  PostgresRekeying,
  PostgresResealing,
  PostgresRetention,
  PostgresRetentionRules,
  PostgresSchedules,
  PostgresStats,
  PostgresSubmissions,
  PostgresTransactions,
  PostgresWaitingRoom,
  PostgresWebhookDeliveries,
  PostgresWebhookEndpoints,
  PostgresWhy,
  PostgresWorkers,
  requireSchema,
  requireSessions,
  WakeUpSizes,
} from '@app/postgres';
import type { DataSource } from 'typeorm';
import type { RuntimeConfig } from './config.js';
import { DatabaseError } from './database-error.js';
import { drainsWhenOutdated } from './drains-when-outdated.js';

/** For so many seconds only the gateway that stored a new job takes its outbox row. */
const FAST_PATH_SECONDS = 3;

/** The number of connections of the protocol itself. Handlers that use up their own connections cannot delay a heartbeat or a settlement. */
const PROTOCOL_POOL = 10;

/** The time limit of the protocol's own statements, which are all short. */
const QUERY_TIMEOUT_MS = 10_000;

/** All stores in PostgreSQL. `dataSource` is for handlers and files. */
export class Store {
  readonly attempts: PostgresAttempts;
  readonly alerts: PostgresAlerts;
  readonly audit: PostgresAudit;
  readonly bulk: PostgresBulk;
  readonly deadLetters: PostgresDeadLetters;
  readonly erasures: PostgresErasures;
  readonly events: PostgresEvents;
  readonly jobs: PostgresJobs;
  readonly keys: PostgresKeys;
  readonly sessions: PostgresSessions;
  readonly limits: PostgresLimits;
  /** The limits that this process stores jobs by. */
  readonly knownLimits: KnownLimits;
  readonly load: PostgresLoad;
  readonly notices: PostgresNotices;
  readonly outbox: PostgresOutbox;
  /** What is paused, as this process knows it: half a second old at most. */
  readonly paused: Paused;
  readonly pauses: PostgresPauses;
  readonly queues: PostgresQueues;
  /** The quotas of tenants, as this process knows them: a second old at most. */
  readonly knownQuotas: KnownQuotas;
  readonly quotas: PostgresQuotas;
  /** What this process has reserved of them. */
  readonly reservations: Reservations;
  /** Which queues are backlogged, as far as this process has looked. Without a broker every job waits in the room. */
  readonly backlogs: Backlogs;
  readonly recipientCounts: PostgresRecipientCounts;
  readonly rekeying: PostgresRekeying;
  readonly resealing: PostgresResealing;
  readonly retention: PostgresRetention;
  readonly retentionRules: PostgresRetentionRules;
  readonly room: PostgresWaitingRoom;
  readonly schedules: PostgresSchedules;
  readonly stats: PostgresStats;
  readonly submissions: PostgresSubmissions;
  /** What happens to jobs in this process, on its way to `stats`. */
  readonly tallies: Tallies;
  readonly transactions: PostgresTransactions;
  readonly webhookDeliveries: PostgresWebhookDeliveries;
  readonly webhookEndpoints: PostgresWebhookEndpoints;
  readonly wakeUpSizes: WakeUpSizes;
  /** How many jobs of a kind one message may hold; without a broker each job is taken by itself. */
  readonly wakeUpSize: (kind: string) => number;
  readonly why: PostgresWhy;
  readonly workers: PostgresWorkers;
  /** The number of statements of the protocol that wait for a connection. Lists have connections of their own. */
  readonly poolWaiting: () => number;
  readonly readsWaiting: () => number;
  /** The database's clock, for comparisons with times that the database has written. */
  readonly time: StoreClock;

  private readonly db: Database;
  private closed: Promise<void> | undefined;

  private constructor(
    readonly dataSource: DataSource,
    private readonly protocol: DataSource,
    private readonly readPool: ReturnType<typeof createReadPool>,
    config: RuntimeConfig,
    publishes: boolean,
    logger: Logger,
  ) {
    const db = new Database(protocol, undefined, config.jobData);
    // For lists, counts and stored events: they may be of any size and must not delay the protocol.
    const reads = new Database(protocol, readPool, config.jobData);
    this.db = db;
    this.time = new StoreClock(() => db.time());
    this.poolWaiting = () => db.pool.waitingCount;
    this.readsWaiting = () => readPool.waitingCount;
    this.attempts = new PostgresAttempts(db, config.maxCrashes, config.broker === 'none' ? 0 : 1);
    this.alerts = new PostgresAlerts(db);
    this.audit = new PostgresAudit(db, reads);
    this.bulk = new PostgresBulk(db, reads);
    this.deadLetters = new PostgresDeadLetters(db, reads);
    this.erasures = new PostgresErasures(db, reads, new PostgresRecipientCounts(db));
    this.events = new PostgresEvents(reads);
    this.jobs = new PostgresJobs(db, reads);
    this.keys = new PostgresKeys(db);
    this.sessions = new PostgresSessions(db);
    this.limits = new PostgresLimits(db, reads);
    this.knownLimits = new KnownLimits(() => this.limits.current());
    this.load = new PostgresLoad(db);
    this.notices = new PostgresNotices(db);
    this.outbox = new PostgresOutbox(db);
    this.pauses = new PostgresPauses(db);
    this.paused = new Paused(this.pauses, systemClock, logger);
    this.backlogs = new Backlogs(config.broker === 'none', this.paused);
    this.queues = new PostgresQueues(db, config.maxQueues);
    this.quotas = new PostgresQuotas(db, reads);
    this.knownQuotas = new KnownQuotas(this.quotas, config.quotas, systemClock, logger);
    this.reservations = new Reservations({ store: this.quotas, quotas: this.knownQuotas, clock: systemClock, logger, process: uuidv4() });
    this.recipientCounts = new PostgresRecipientCounts(db);
    this.rekeying = new PostgresRekeying(db);
    this.resealing = new PostgresResealing(db);
    this.retention = new PostgresRetention(db, [this.recipientCounts]);
    this.retentionRules = new PostgresRetentionRules(db);
    this.room = new PostgresWaitingRoom(db);
    this.schedules = new PostgresSchedules(db, (tenant) => this.knownQuotas.limit(tenant, 'schedules'), reads);
    this.stats = new PostgresStats(db, reads, this.jobs);
    this.tallies = new Tallies({ writer: this.stats, process: uuidv4(), clock: systemClock, time: this.time, logger });
    this.submissions = new PostgresSubmissions(db, {
      keySeconds: config.keySeconds,
      fastPathSeconds: publishes ? FAST_PATH_SECONDS : 0,
      stored: (queue, kind, jobs) => this.tallies.accepted(queue, kind, jobs),
    });
    this.transactions = new PostgresTransactions(dataSource, config.leaseSeconds);
    this.webhookDeliveries = new PostgresWebhookDeliveries(db, reads);
    this.webhookEndpoints = new PostgresWebhookEndpoints(db, {
      max: (tenant) => this.knownQuotas.limit(tenant, 'webhookEndpoints'),
      secrets: config.secretKeys,
    });
    this.wakeUpSizes = new WakeUpSizes(db);
    this.wakeUpSize = config.broker === 'none' ? () => 1 : this.wakeUpSizes.of;
    this.why = new PostgresWhy(db, reads);
    this.workers = new PostgresWorkers(db, config.maxCrashes);
  }

  /** Sets the listener for the jobs that this process changes. It is called as soon as a change is committed. */
  tell(changed: ChangeListener): void {
    this.db.changed = changed;
  }

  /** The same for running jobs that this process asks to stop: whoever runs them should look. */
  tellAsked(asked: ChangeListener): void {
    this.db.asked = asked;
  }

  /**
   * Opens the store. Waits up to `patienceMs` for a database that does not answer yet, because processes are often started together. An error that
   * waiting cannot fix is thrown at once, as a {@link DatabaseError} of one line. `publishes`: this process publishes the jobs that it stores.
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
        const store = new Store(dataSource, protocol, reads, config, publishes && config.broker !== 'none', logger);
        store.db.schemaSeen = drainsWhenOutdated(logger);
        await store.time.start();
        await store.paused.start();
        await store.knownQuotas.start();
        store.reservations.start();
        store.tallies.start();
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

  /** Tables of which the role lacks a right, each with those rights. */
  missingRights(): Promise<string[]> {
    return missingRights(this.db);
  }

  /** Closes the connections. A second call does nothing: the host of a worker may close the store after the worker. */
  close(): Promise<void> {
    return (this.closed ??= this.closeAll());
  }

  private async closeAll(): Promise<void> {
    this.time.stop();
    await this.paused.close();
    await this.knownQuotas.close();
    await this.reservations.close();
    await this.tallies.close();
    await this.readPool.end();
    await destroy(this.dataSource, this.protocol);
  }
}

async function destroy(...dataSources: DataSource[]): Promise<void> {
  for (const dataSource of dataSources) if (dataSource.isInitialized) await dataSource.destroy();
}
