import type { WorkerId } from '@app/core';
import type { SimProcess } from './process.js';
import type { Schedule, Step } from './schedule.js';
import { end, type Session, type SimTransaction } from './store/session.js';
import { Blocked, type Tables } from './store/tables.js';

export class ConnectionError extends Error {
  readonly fault = 'connection';
}

export class BusyError extends Error {
  readonly fault = 'busy';
}

interface Call {
  session: SimSession;
  label: string;
  transaction: SimTransaction | undefined;
  statement: () => unknown;
  answer: (settle: () => void) => void;
  resolve: (value: never) => void;
  reject: (error: Error) => void;
  giveUp?: Step;
}

const LOCK_TIMEOUT_MS = 2_000;
const HANDLER_LOCK_TIMEOUT_MS = 30_000;

/** The database server of a simulation: statements arrive, wait for row locks, run one at a time, and are answered, unless a fault strikes. */
export class SimServer {
  /** Statements of every process fail while it is away. */
  down = false;
  readonly sessions = new Set<SimSession>();
  private waiting: Call[] = [];
  private transactions = 0;
  /** What befalls the next statement of a process. */
  readonly planned: { process: SimProcess; label: string; fault: 'lost before' | 'lost after' }[] = [];
  /** What befalls the next statement that arrives, whosever it is. */
  next: 'lost before' | 'lost after' | undefined;
  /** What it asks is done, and the answers do not arrive. */
  deaf: { process: SimProcess; until: number } | undefined;
  afterStatement: () => void = () => undefined;

  constructor(
    readonly tables: Tables,
    readonly schedule: Schedule,
    readonly saw: (what: string) => void,
  ) {}

  session(process: SimProcess): SimSession {
    const session = new SimSession(this, process);
    this.sessions.add(session);
    return session;
  }

  /** Connections of one process, or of all, are gone: its transactions are rolled back, its locks freed, what ran is unknown to it. */
  disconnect(session: SimSession): void {
    for (const transaction of session.transactions) this.roll(session, transaction);
    for (const call of this.waiting.filter((waiting) => waiting.session === session)) this.fail(call, new ConnectionError('the connection was closed'));
    for (const lost of [...session.inFlight]) lost();
    if (session.presence !== null) this.tables.presence.delete(session.presence);
    session.presenceLost();
  }

  restart(awayMs: number): void {
    this.down = true;
    this.tables.upSince = this.schedule.now + awayMs;
    for (const session of [...this.sessions]) this.disconnect(session);
    this.schedule.post(awayMs, null, 'the database is back', () => (this.down = false));
  }

  arrive(call: Call): void {
    const { session, label } = call;
    const planned = this.planned.findIndex((plan) => plan.process === session.process && plan.label === label);
    const fault = this.next ?? (planned < 0 ? undefined : this.planned.splice(planned, 1)[0]?.fault);
    this.next = undefined;
    if (fault) this.schedule.note(session.process, `*** ${label}: answer lost, ${fault === 'lost after' ? 'done' : 'not done'}`);
    if (this.down || fault === 'lost before') return this.fail(call, new ConnectionError('the connection to the database broke'));
    this.execute(call, fault === 'lost after');
  }

  roll(session: SimSession, transaction: SimTransaction): void {
    if (!transaction.open) return;
    end(this.tables, transaction);
    session.transactions.delete(transaction);
    this.wake();
  }

  newTransaction(): SimTransaction {
    return { id: ++this.transactions, writes: [], open: true };
  }

  /** Statements that waited for a row look again. */
  wake(): void {
    const calls = this.waiting;
    this.waiting = [];
    for (const call of calls) this.execute(call, false);
  }

  private execute(call: Call, loseAnswer: boolean): void {
    const { transaction } = call;
    if (transaction && !transaction.open) return this.fail(call, new ConnectionError('the transaction is gone'));
    let value: unknown;
    try {
      value = call.statement();
    } catch (error) {
      if (error instanceof Blocked) this.wait(call);
      else this.fail(call, error as Error);
      return;
    }
    this.afterStatement();
    if (call.giveUp) call.giveUp.cancelled = true;
    call.answer(() => {
      if (loseAnswer || this.hearsNothing(call.session)) call.reject(new ConnectionError('the connection broke before the answer'));
      else call.resolve(value as never);
    });
  }

  private hearsNothing({ process }: SimSession): boolean {
    return this.deaf?.process === process && this.schedule.now < this.deaf.until;
  }

  private wait(call: Call): void {
    this.waiting.push(call);
    call.giveUp ??= this.schedule.post(call.transaction ? HANDLER_LOCK_TIMEOUT_MS : LOCK_TIMEOUT_MS, null, '', () => {
      this.waiting = this.waiting.filter((waiting) => waiting !== call);
      this.saw('a statement waited too long for a lock');
      this.fail(call, new BusyError(`${call.label} waited too long for a lock`));
    });
  }

  private fail(call: Call, error: Error): void {
    this.waiting = this.waiting.filter((waiting) => waiting !== call);
    if (call.giveUp) call.giveUp.cancelled = true;
    call.answer(() => call.reject(error));
  }
}

/** The connections of one process. */
export class SimSession implements Session {
  readonly transactions = new Set<SimTransaction>();
  readonly inFlight = new Set<() => void>();
  presence: WorkerId | null = null;
  presenceLost: () => void = () => undefined;

  constructor(
    private readonly server: SimServer,
    readonly process: SimProcess,
  ) {
    process.whenDead(() => {
      // What is on its way to the server may arrive or not; the sockets close a moment later.
      server.schedule.post(server.schedule.random.int(0, 40), null, `the database notices the death of ${process.name}`, () => {
        server.disconnect(this);
        server.sessions.delete(this);
      });
    });
  }

  run<Result>(label: string, statement: (tables: Tables) => Result, transaction?: SimTransaction): Promise<Result> {
    return this.call(label, () => statement(this.server.tables), transaction);
  }

  begin(): Promise<SimTransaction> {
    return this.call('begin', () => {
      const transaction = this.server.newTransaction();
      this.transactions.add(transaction);
      return transaction;
    });
  }

  async commit(transaction: SimTransaction): Promise<void> {
    await this.call(
      'commit',
      () => {
        for (const write of transaction.writes) write();
        this.server.roll(this, transaction);
      },
      transaction,
    );
  }

  async rollback(transaction: SimTransaction): Promise<void> {
    // A connection that is gone has rolled back by itself.
    await this.call('rollback', () => this.server.roll(this, transaction), transaction).catch(() => undefined);
  }

  private async call<Result>(label: string, statement: () => Result, transaction?: SimTransaction): Promise<Result> {
    try {
      return await this.send(label, statement, transaction);
    } catch (error) {
      // Whoever hears nothing of a transaction any more has lost it, whatever became of it there.
      if (transaction && error instanceof ConnectionError) transaction.lost = true;
      throw error;
    }
  }

  private send<Result>(label: string, statement: () => Result, transaction: SimTransaction | undefined): Promise<Result> {
    const { server, process } = this;
    const { schedule } = server;
    return new Promise<Result>((resolve, reject) => {
      let over = false;
      // The answer travels back; a connection that is lost in the meantime is an answer too.
      const answer = (settle: () => void) => {
        if (over) return;
        over = true;
        process.local(schedule.latency(), label, () => {
          this.inFlight.delete(lost);
          settle();
        });
      };
      const call: Call = { session: this, label, transaction, statement, answer, resolve, reject };
      const lost = () => answer(() => reject(new ConnectionError('the connection was closed')));
      this.inFlight.add(lost);
      schedule.post(schedule.latency(), null, `${process.name}: ${label}`, () => {
        if (over || (process.dead && schedule.random.chance(0.5))) return;
        server.arrive(call);
      });
    });
  }
}
