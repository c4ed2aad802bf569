import type { Logger } from '@app/core';
import { Environment, jobsWithin, type RuntimeConfig, Store } from '@app/host';
import { channelsOf, type NotificationsConfig, notificationsConfig, type StartedNotifications, startNotifications } from '@app/notifications';
import type { Files, HandlerRegistry, Jobs } from '@app/sdk';
import { FilesOfTenant, filesQuota, storageConfig, StoredFiles } from '@app/storage';
import { configOf } from './config-of.js';
import type { HandlerClass, LonghaulOptions } from './longhaul-options.js';
import { HostLogger } from './host-logger.js';
import { NoFiles } from './no-files.js';
import { type RunsJobs, runJobs } from './run-jobs.js';

/** Makes a handler with the providers of the host's module that names it. */
export type HandlerMaker = (handler: HandlerClass) => Promise<object>;

/**
 * Longhaul in the process of a host application. It has its own connections, so that neither side can use up those of the other. It takes
 * only the dependencies of handlers from the host's container.
 */
export class LonghaulHost {
  readonly jobs: Jobs;
  readonly files: Files;
  private worker: RunsJobs | undefined;
  private notifying: StartedNotifications | undefined;
  private closed: Promise<void> | undefined;

  private constructor(
    private readonly config: RuntimeConfig,
    private readonly notifications: NotificationsConfig,
    private readonly store: Store,
    /** Null in a process that only submits. */
    private readonly stored: StoredFiles | null,
    private readonly kinds: HandlerRegistry,
    private readonly logger: Logger,
  ) {
    this.files = stored ? new FilesOfTenant(stored) : new NoFiles();
    this.jobs = jobsWithin({
      store,
      kinds,
      channels: channelsOf(notifications),
      committed: (job) => this.worker?.committed(job),
      waiting: (limited) => this.worker?.waiting(limited),
    });
  }

  /** Rejects with one line when the options are wrong, or the database cannot be used. */
  static async open(options: LonghaulOptions, kinds: HandlerRegistry): Promise<LonghaulHost> {
    const config = configOf(options);
    const environment = new Environment(options.settings ?? {});
    const logger = options.logger ?? new HostLogger({}, config.redaction);
    const runs = runsJobs(options);
    const store = await Store.open(config, 'longhaul in its host', logger, { publishes: runs });
    const openFiles = (): Promise<StoredFiles> => StoredFiles.open(store.dataSource, storageConfig(options.settings ?? {}), filesQuota(store.reservations));
    const stored = runs ? await openFiles() : null;
    return new LonghaulHost(config, notificationsConfig(environment), store, stored, kinds, logger);
  }

  /** `makerOf` finds the module of each handler of the host. */
  async start(makerOf: (handler: HandlerClass) => HandlerMaker): Promise<void> {
    await this.store.queues.ensure(this.kinds.queues());
    if (!this.stored) return;
    this.refuseIsolated();
    this.notifying = await startNotifications(
      { store: this.store, config: this.notifications, runtime: this.config, logger: this.logger, contents: this.stored },
      this.kinds,
    );
    for (const [kind, handler] of this.notifying.handlers) this.kinds.attach(kind, handler);
    for (const handler of this.kinds.missing()) this.kinds.attach(handler, await makerOf(handler)(handler));
    this.worker = runJobs({ config: this.config, store: this.store, kinds: this.kinds, logger: this.logger });
    await this.worker.start();
  }

  async drain(): Promise<void> {
    await this.worker?.drain();
  }

  /** Closes the connections. A second call does nothing: a failed start has closed them already. */
  close(): Promise<void> {
    return (this.closed ??= this.closeAll());
  }

  private async closeAll(): Promise<void> {
    await this.worker?.close();
    await this.notifying?.close();
    await this.store.close();
  }

  /** Throws for isolated kinds: they run in child processes, which only a worker can start, with its configuration file. */
  private refuseIsolated(): void {
    const kind = this.kinds.names().find((name) => this.kinds.policy(name)?.isolated);
    if (kind !== undefined)
      throw new Error(
        `expected no isolated kind in a process that runs jobs for LonghaulModule, got ${kind}; run it by npx longhaul worker, or make it not isolated`,
      );
  }
}

function runsJobs({ run = false }: LonghaulOptions): boolean {
  return run !== false;
}
