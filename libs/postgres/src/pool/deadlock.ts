import { systemClock } from '@app/core';

const TRIES = 5;
const LONGEST_PAUSE_MS = 50;

/** PostgreSQL has ended one of the transactions that waited for each other's rows, and nothing of it is there (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
function isDeadlock(error: unknown): boolean {
  return error instanceof Error && (error as Error & { code?: unknown }).code === '40P01';
}

/**
 * Does `work`, which is a whole transaction, and does it again where PostgreSQL has rolled it back to end a deadlock: the other one goes on, so a
 * repeat gets its rows. Rejects with the deadlock when that happens five times in a row, and with any other error at once.
 */
export async function despiteDeadlocks<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isDeadlock(error) || tries === TRIES) throw error;
      // Two that were rolled back for each other should not meet again in step.
      await systemClock.sleep(Math.random() * LONGEST_PAUSE_MS * tries);
    }
  }
}
