import { type OpenTransaction, type Transactions, within } from '@app/core';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { ANSWER_WITHIN_MS } from './database.js';
import { TransactionFault, type Watched } from './transaction-fault.js';

/**
 * One transaction, on a connection of its own.
 *
 * It is rolled back by ending that connection. A ROLLBACK would wait for the statement that runs, behind a half-open
 * connection for ever; what a handler that does not obey its signal sends after it would be committed by itself; and a
 * connection with an unanswered statement on it must not come to anybody else.
 */
export class SingleTransaction {
  private watch: TransactionFault | undefined;

  private constructor(private readonly runner: QueryRunner) {}

  /** `settings`: a statement for the beginning. Rejects when it gets no answer in time. */
  static async begin(dataSource: DataSource, settings?: string): Promise<SingleTransaction> {
    const runner = dataSource.createQueryRunner();
    const transaction = new SingleTransaction(runner);
    // The pool's own limit bounds this.
    transaction.watch = new TransactionFault((await runner.connect()) as Watched);
    await transaction.answered(async () => {
      await runner.startTransaction();
      if (settings !== undefined) await runner.query(settings);
    });
    return transaction;
  }

  get manager(): EntityManager {
    return this.runner.manager;
  }

  /** When it rejects, it is not known whether it is committed. */
  async commit(): Promise<void> {
    await this.answered(() => this.runner.commitTransaction());
    this.watch?.unwatch();
    await this.runner.release();
  }

  /** Rolls it back. Whatever is sent on it afterwards is refused. Never rejects. */
  async abandon(reason = new Error('the transaction was rolled back')): Promise<void> {
    this.watch?.unwatch();
    // TypeORM's own, for a connection that failed: the pool ends it, and makes another when it needs one.
    await (this.runner as QueryRunner & { releasePostgresConnection(reason: Error): Promise<void> }).releasePostgresConnection(reason);
  }

  /** Why the platform has ended it, if it has. */
  fault(): Error | undefined {
    return this.watch?.found;
  }

  /** A session that is idle for too long is ended by PostgreSQL; one that runs a statement is not idle. */
  async keepAwake(): Promise<void> {
    if (this.runner.isReleased) return;
    const client = (await this.runner.connect()) as { readyForQuery: boolean };
    if (client.readyForQuery) await this.runner.query('SELECT 1').catch(() => undefined);
  }

  private async answered(work: () => Promise<void>): Promise<void> {
    try {
      const answer = work();
      if (!(await within(ANSWER_WITHIN_MS, answer))) throw new NoAnswer(`expected PostgreSQL to answer within ${ANSWER_WITHIN_MS} ms, got nothing`);
      await answer;
    } catch (error) {
      if (error instanceof NoAnswer) this.watch?.lose(error);
      await this.abandon(error as Error);
      throw error;
    }
  }
}

class NoAnswer extends Error {}

/**
 * Transactions for handlers, with more patience for locks than our own statements have.
 *
 * Such a transaction holds its job's row, so a process that freezes in it would keep the job from everybody. Its session
 * is therefore ended by PostgreSQL when it was idle for a whole lease; while the process lives it is kept awake.
 */
export class PostgresTransactions implements Transactions<EntityManager> {
  private readonly afterCommits = new WeakMap<QueryRunner, () => void>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly leaseSeconds: number,
  ) {}

  async begin(): Promise<OpenTransaction<EntityManager>> {
    const leaseMs = this.leaseSeconds * 1_000;
    const open = await SingleTransaction.begin(this.dataSource, `SET LOCAL lock_timeout = '30s'; SET LOCAL idle_in_transaction_session_timeout = ${leaseMs}`);
    const awake = setInterval(() => void open.keepAwake(), leaseMs / 3).unref();
    return {
      transaction: open.manager,
      // TypeORM makes a savepoint of a transaction in a transaction.
      nested: (work) => open.manager.transaction(work),
      fault: () => open.fault(),
      commit: async () => {
        const { queryRunner } = open.manager;
        await open.commit().finally(() => clearInterval(awake));
        if (queryRunner) this.afterCommits.get(queryRunner)?.();
      },
      rollback: () => open.abandon().finally(() => clearInterval(awake)),
    };
  }

  /** Calls `listener` once when the transaction has committed. A second listener takes the place of the first. */
  afterCommit({ queryRunner }: EntityManager, listener: () => void): void {
    if (queryRunner) this.afterCommits.set(queryRunner, listener);
  }
}
