import type { OpenRows, Tables } from './tables.js';

/** How a process reaches the database: runs statements, each whole and by itself, or in an open transaction. */
export interface Session {
  run<Result>(label: string, statement: (tables: Tables) => Result, transaction?: SimTransaction): Promise<Result>;
  begin(): Promise<SimTransaction>;
  commit(transaction: SimTransaction): Promise<void>;
  rollback(transaction: SimTransaction): Promise<void>;
}

export interface SimTransaction extends OpenRows {
  /** False once it has ended, however. */
  open: boolean;
  /** Its connection was, as its own process has seen. */
  lost?: boolean;
}

/** Every statement at once, no faults: for the conformance suite and the model-based tests. */
export class DirectSession implements Session {
  constructor(private readonly tables: Tables) {}

  async run<Result>(_label: string, statement: (tables: Tables) => Result): Promise<Result> {
    return statement(this.tables);
  }

  async begin(): Promise<SimTransaction> {
    return { id: 1, writes: [], open: true };
  }

  async commit(transaction: SimTransaction): Promise<void> {
    for (const write of transaction.writes) write();
    end(this.tables, transaction);
  }

  async rollback(transaction: SimTransaction): Promise<void> {
    end(this.tables, transaction);
  }
}

/** Gives the locks back. */
export function end(tables: Tables, transaction: SimTransaction): void {
  transaction.open = false;
  for (const [jobId, holder] of tables.rowLocks) if (holder === transaction) tables.rowLocks.delete(jobId);
}
