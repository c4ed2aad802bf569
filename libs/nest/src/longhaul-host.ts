import { type Logger, SubmitJob } from '@app/core';
import { Environment, type RuntimeConfig, Store } from '@app/host';
import { checkTelling, type NotificationsConfig, notificationsConfig, type StartedNotifications, startNotifications } from '@app/notifications';
import { classifyError, type Joined, type SqlExecutor } from '@app/postgres';
import { type Files, type HandlerRegistry, Jobs } from '@app/sdk';
import { storageConfig, StoredFiles } from '@app/storage';
import { configOf, type HandlerClass, type LonghaulOptions } from './longhaul-options.js';
import { HostLogger } from './host-logger.js';
import { NoFiles } from './no-files.js';
import { type RunsJobs, runJobs } from './run-jobs.js';

const MAX_BATCH = 128;

/** Makes a handler with what the module of the host's that names it has. */
export type HandlerMaker = (handler: HandlerClass) => Promise<object>;

/**
 * Longhaul in somebody else's process. It has connections of its own, so that neither side can use up the other's, and of the host's
 * container it only takes what handlers ask for.
 */
export class LonghaulHost {
  readonly jobs: Jobs;
  private worker: RunsJobs | undefined;
  private notifying: StartedNotifications | undefined;
  private closed: Promise<void> | undefined;

  private constructor(
    readonly options: LonghaulOptions,
    private readonly config: RuntimeConfig,
    private readonly notifications: NotificationsConfig,
    private readonly store: Store,
    readonly files: Files,
    private readonly kinds: HandlerRegistry,
    private readonly logger: Logger,
  ) {
    this.jobs = new Jobs(
      new SubmitJob<Joined>({
        kinds,
        queues: store.queues,
        store: { submit: (jobs, transaction) => store.submissions.submit(jobs, transaction && foreign(transaction)) },
        committed: (job) => this.worker?.committed(job),
        classify: classifyError,
        checkTelling: (options) => checkTelling(options, notifications),
        time: store.time,
        maxBatch: MAX_BATCH,
        replays: store.submissions,
        patienceMs: 5_000,
      }),
    );
  }

  /** Rejects with one line when the options are wrong, or the database cannot be used. */
  static async open(options: LonghaulOptions, kinds: HandlerRegistry): Promise<LonghaulHost> {
    const config = configOf(options);
    const environment = new Environment(options.settings ?? {});
    const logger = options.logger ?? new HostLogger();
    const runs = options.run !== undefined && options.run !== false;
    const store = await Store.open(config, 'longhaul in its host', logger, { publishes: runs });
    const files = runs ? await StoredFiles.open(store.dataSource, storageConfig(options.settings ?? {})) : new NoFiles();
    return new LonghaulHost(options, config, notificationsConfig(environment), store, files, kinds, logger);
  }

  get runs(): boolean {
    return this.options.run !== undefined && this.options.run !== false;
  }

  /** `makerOf` knows where each handler of the host's belongs. */
  async start(makerOf: (handler: HandlerClass) => HandlerMaker): Promise<void> {
    await this.store.queues.ensure(this.kinds.queues());
    if (!this.runs) return;
    this.refuseIsolated();
    this.notifying = await startNotifications({ store: this.store, config: this.notifications, logger: this.logger }, this.kinds);
    for (const [kind, handler] of this.notifying.handlers) this.kinds.attach(kind, handler);
    for (const handler of this.kinds.missing()) this.kinds.attach(handler, await makerOf(handler)(handler));
    this.worker = runJobs({ config: this.config, store: this.store, kinds: this.kinds, logger: this.logger });
    await this.worker.start();
  }

  async drain(): Promise<void> {
    await this.worker?.drain();
  }

  /** Once, for a start that failed closes too. */
  close(): Promise<void> {
    return (this.closed ??= this.closeAll());
  }

  private async closeAll(): Promise<void> {
    await this.worker?.close();
    await this.notifying?.close();
    await this.store.close();
  }

  /** Isolated kinds run in child processes that load a configuration of their own: those of a worker. */
  private refuseIsolated(): void {
    const kind = this.kinds.names().find((name) => this.kinds.policy(name)?.isolated);
    if (kind !== undefined)
      throw new Error(
        `expected no isolated kind in a process that runs jobs for LonghaulModule, got ${kind}; run it by npx longhaul worker, or make it not isolated`,
      );
  }
}

/** A statement of ours on the host's own connection is not prepared there: it may be a pooler's, or differ from ours in what it has prepared. */
function foreign(transaction: Joined): SqlExecutor {
  return { query: (text, values) => transaction.query<unknown>(text, values) };
}
