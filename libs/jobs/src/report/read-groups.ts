import type { DataSource, QueryRunner } from 'typeorm';

/** The values of one group as text, in the order of the query's columns; null where PostgreSQL has NULL. */
export type GroupRow = (string | null)[];

const PAGE_ROWS = 1_000;

/**
 * The rows of an aggregation, a page at a time from a cursor, so that any number of groups fits in memory. They are of
 * one snapshot. When `signal` fires the statement is cancelled in the server too, and this rejects with its reason.
 */
export async function* readGroups(dataSource: DataSource, sql: string, signal: AbortSignal): AsyncGenerator<GroupRow[]> {
  const runner = dataSource.createQueryRunner();
  let cancelling: Promise<unknown> = Promise.resolve();
  const cancel = (pid: number) => {
    cancelling = dataSource.query('/* report:cancel */ select pg_cancel_backend($1)', [pid]).catch(() => undefined);
  };
  let stop: (() => void) | undefined;
  try {
    signal.throwIfAborted();
    await runner.startTransaction('REPEATABLE READ');
    await runner.query('set transaction read only');
    const [backend] = (await runner.query('select pg_backend_pid() as pid')) as { pid: number }[];
    stop = () => backend && cancel(backend.pid);
    signal.addEventListener('abort', stop, { once: true });
    await runner.query(`declare groups no scroll cursor for ${sql}`);
    for (let page = await nextPage(runner); page.length > 0; page = await nextPage(runner)) {
      yield page;
      signal.throwIfAborted();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
    // Before the connection is given back: a late cancel must not hit its next user.
    await cancelling;
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    await runner.release();
  }
}

async function nextPage(runner: QueryRunner): Promise<GroupRow[]> {
  const rows = (await runner.query(`fetch forward ${PAGE_ROWS} from groups`)) as Record<string, string | null>[];
  return rows.map((row) => Object.values(row));
}
