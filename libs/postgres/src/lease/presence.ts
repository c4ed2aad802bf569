import { type Logger, systemClock, within, type WorkerId } from '@app/core';
import pg from 'pg';
import { lockKey } from '../locks.js';
import { connectionOf } from '../pool/connection.js';
import { SILENT_SESSION } from '../pool/session-settings.js';

const CLOSE_WITHIN_MS = 3_000;

/**
 * The proof that a worker's process lives: a session advisory lock on a connection of its own, that must reach PostgreSQL
 * directly (a transaction-pooling proxy would give the lock to whoever comes next).
 *
 * Authority: PostgreSQL's lock table. A killed process frees the lock at once, for its socket closes with it. A frozen one
 * keeps it, and its lease tells. When only the connection breaks, the same lock is taken again on a new one, within the
 * time that sweepers give a free lock; until then the lease still speaks for the worker.
 */
export class Presence {
  private client: pg.Client | undefined;
  private readonly stop = new AbortController();
  private loop: Promise<void> = Promise.resolve();
  private lost: Promise<void> = Promise.resolve();
  private held = false;

  constructor(
    private readonly url: string,
    private readonly schema: string,
    private readonly logger: Logger,
  ) {}

  get holds(): boolean {
    return this.held;
  }

  /** Resolves when the lock is held for the first time. */
  async start(workerId: WorkerId): Promise<void> {
    await this.acquire(workerId);
    this.loop = this.keep(workerId);
  }

  /** Frees the lock. Does not wait for a database that does not answer; the lock is free then when the process has ended. */
  async close(): Promise<void> {
    this.stop.abort();
    const ended = Promise.all([this.client?.end().catch(() => undefined), this.loop]);
    await within(CLOSE_WITHIN_MS, ended);
  }

  private async keep(workerId: WorkerId): Promise<void> {
    await this.lost;
    while (!this.stop.signal.aborted) {
      try {
        await this.acquire(workerId);
        this.logger.info({ workerId }, 'the presence connection was lost and is made again');
        await this.lost;
      } catch (error) {
        this.logger.debug({ err: error }, 'the presence lock is not to be had yet');
        await systemClock.sleep(250, this.stop.signal);
      }
    }
  }

  private async acquire(workerId: WorkerId): Promise<void> {
    const client = new pg.Client({
      ...connectionOf(this.url),
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
      connectionTimeoutMillis: 5_000,
      application_name: 'longhaul presence',
    });
    const lost = new Promise<void>((resolve) => {
      const end = () => {
        this.held = false;
        resolve();
      };
      client.on('error', end);
      client.on('end', end);
    });
    try {
      await client.connect();
      // The server notices a dead peer by itself too, when no FIN ever comes.
      await client.query(SILENT_SESSION);
      // Waits a little: sweepers and claims that ask whether it is free have it for a moment.
      await client.query('SELECT pg_advisory_lock($1, $2)', [lockKey('presence', this.schema), workerId]);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.client = client;
    this.lost = lost;
    this.held = true;
    // Closed while it was being made: `close` did not know of this connection.
    if (this.stop.signal.aborted) await client.end();
  }
}
