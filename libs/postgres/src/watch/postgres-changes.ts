import { Pauses, type ChangeFeed, type ChangeListener, type JobId, type Logger, systemClock, within } from '@app/core';
import pg from 'pg';
import { connectionOf } from '../pool/connection.js';
import { SILENT_SESSION } from '../pool/session-settings.js';

/** A notification has less than 8,000 bytes. */
const MAX_IDS = 200;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
const CLOSE_WITHIN_MS = 2_000;

/**
 * Single-process mode: tells the other gateways of changed jobs, and hears of theirs, by LISTEN and NOTIFY on a connection of its own,
 * never inside another statement's transaction: there it would make every commit wait for the one before.
 * A hint: while the connection is away nothing is told. What this process itself tells does not come back.
 */
export class PostgresChanges implements ChangeFeed {
  /** Every installation in the database has one of its own. */
  private readonly channel: string;
  private client: pg.Client | undefined;
  /** One after the other, for node-postgres takes no query while another one runs. */
  private telling: Promise<unknown> = Promise.resolve();
  private readonly stop = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly url: string,
    schema: string,
    private readonly onChanges: ChangeListener,
    private readonly logger: Logger,
  ) {
    this.channel = `${schema}_changes`;
  }

  start(): void {
    this.loop = this.run();
  }

  tell(jobIds: readonly JobId[]): void {
    const { client } = this;
    if (!client) return;
    let start = 0;
    do {
      const ids = jobIds.slice(start, start + MAX_IDS).join(' ');
      this.telling = this.telling.then(() => client.query('SELECT pg_notify($1, $2)', [this.channel, ids])).catch(() => undefined);
      start += MAX_IDS;
    } while (start < jobIds.length);
  }

  async close(): Promise<void> {
    this.stop.abort();
    const ended = Promise.all([this.client?.end().catch(() => undefined), this.loop]);
    await within(CLOSE_WITHIN_MS, ended);
  }

  private async run(): Promise<void> {
    const pauses = new Pauses(FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    while (!this.stop.signal.aborted) {
      try {
        const lost = await this.listen();
        pauses.reset();
        await lost();
      } catch (error) {
        this.logger.debug({ err: error }, 'no connection to hear of changed jobs');
      }
      this.client = undefined;
      await systemClock.sleep(pauses.next(), this.stop.signal);
    }
  }

  /** Resolves when it listens, with a function that waits for the connection's end. */
  private async listen(): Promise<() => Promise<void>> {
    const client = new pg.Client({ ...connectionOf(this.url), keepAlive: true, connectionTimeoutMillis: 5_000, application_name: 'longhaul changes' });
    const lost = new Promise<void>((resolve) => client.once('error', () => resolve()).once('end', () => resolve()));
    // A second error of the same connection must not end the process.
    client.on('error', () => undefined);
    // The server's own number of a session; node-postgres has it, its types do not.
    const mine = () => (client as unknown as { processID: number }).processID;
    client.on('notification', ({ processId, payload = '' }) => {
      if (processId !== mine()) this.onChanges((payload === '' ? [] : payload.split(' ')) as JobId[]);
    });
    try {
      await client.connect();
      await client.query(`${SILENT_SESSION}; LISTEN "${this.channel}"`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.client = client;
    this.telling = Promise.resolve();
    if (this.stop.signal.aborted) await client.end();
    return () => lost;
  }
}
