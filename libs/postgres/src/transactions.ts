import type { OpenTransaction, Transactions } from '@app/core';
import type { DataSource, EntityManager } from 'typeorm';

/**
 * Transactions for handlers: on a connection of their own, with more patience for locks than our own statements have.
 *
 * Such a transaction holds its job's row, so a process that freezes in it would keep the job from everybody. Its session
 * is therefore ended by PostgreSQL when it was idle for a whole lease; while the process lives it is kept awake.
 */
export class PostgresTransactions implements Transactions<EntityManager> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly leaseSeconds: number,
  ) {}

  async begin(): Promise<OpenTransaction<EntityManager>> {
    const runner = this.dataSource.createQueryRunner();
    const leaseMs = this.leaseSeconds * 1_000;
    try {
      await runner.connect();
      await runner.startTransaction();
      await runner.query(`SET LOCAL lock_timeout = '30s'; SET LOCAL idle_in_transaction_session_timeout = ${leaseMs}`);
    } catch (error) {
      await runner.release();
      throw error;
    }
    const awake = setInterval(() => void runner.query('SELECT 1').catch(() => undefined), leaseMs / 3).unref();
    const release = async () => {
      clearInterval(awake);
      if (!runner.isReleased) await runner.release();
    };
    return {
      transaction: runner.manager,
      commit: () => runner.commitTransaction().finally(release),
      // A connection that is gone has rolled back by itself.
      rollback: async () => {
        clearInterval(awake);
        if (!runner.isReleased) await runner.rollbackTransaction().catch(() => undefined);
        await release();
      },
    };
  }
}
