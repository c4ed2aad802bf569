import { AsyncLocalStorage } from 'node:async_hooks';
import { LeaseLostError, RefusedSettlementError, StopError, type StopReason } from '../job/errors.js';
import { markPlatformFault } from '../job/platform-fault.js';
import type { JsonValue, Progress } from '../job/job.js';
import type { JsonText } from '../job/raw-json.js';
import { type Clock, systemClock } from '../kit/clock.js';
import type { StoreTime } from '../kit/store-clock.js';
import type { LogLine } from '../watch/events.js';
import type { AttemptStore, ClaimedJob, SettleAnswer, Settlement } from './attempt-store.js';
import type { OpenTransaction, SettlingTransaction, Transactions } from './transactions.js';
import type { RunningAttempt } from './handlers.js';
import type { Logger } from '../kit/logger.js';
import { AttemptFacts } from './attempt-facts.js';
import { AttemptEvents, type TakenEvents } from './attempt-events.js';
import { ProgressRate } from './progress-rate.js';
import type { ErrorClass } from '../submit/store-submissions.js';
import { Steps } from './steps.js';
import { logLine, toldProgress } from './telling.js';

export interface AttemptDependencies<Transaction> {
  store: AttemptStore<Transaction>;
  transactions: Transactions<Transaction>;
  logger: Logger;
  clock?: Pick<Clock, 'now'>;
  time?: StoreTime;
  classify?: (error: unknown) => ErrorClass;
  config?: { resultMaxBytes?: number };
}

/** In which call of `transaction` a handler's code runs. One for all attempts: to make one for each would cost each. */
const CALLS = new AsyncLocalStorage<{ context: object; open: OpenTransaction }>();

const NOTHING_BEFORE = Promise.resolve();

/** The `JobContext` of one attempt, and what its runner needs of it: the stop, what it has told, the open transaction. */
export class AttemptContext<Transaction> extends AttemptFacts implements RunningAttempt<Transaction> {
  /** Made when a handler asks for its signal, which most never do. */
  private abort: AbortController | undefined;
  private stopError: StopError | undefined;
  private ownLogger: Logger | undefined;
  /** Called once, when the attempt is told to stop. */
  onStop: (() => void) | undefined;
  private opening: Promise<OpenTransaction<Transaction>> | undefined;
  private turn: Promise<unknown> = NOTHING_BEFORE;
  private elsewhere: SettlingTransaction | undefined;
  private over = false;
  private newest: Progress | undefined;
  private readonly clock: Pick<Clock, 'now'>;
  // Each is made when a handler uses it.
  private rate: ProgressRate | undefined;
  private events: AttemptEvents | undefined;
  private steps: Steps | undefined;
  /** What its handler has said of its progress last. */
  private told: Progress | undefined;

  constructor(
    job: ClaimedJob,
    private readonly deps: AttemptDependencies<Transaction>,
  ) {
    super(job);
    this.clock = deps.clock ?? systemClock;
  }

  get signal(): AbortSignal {
    if (!this.abort) {
      this.abort = new AbortController();
      if (this.stopError) this.abort.abort(this.stopError);
    }
    return this.abort.signal;
  }

  /** Says with each line which attempt of which job it is about. */
  get logger(): Logger {
    const { id, kind, attempt } = this.job;
    return (this.ownLogger ??= this.deps.logger.child({ jobId: id, kind, attempt }));
  }

  progress(progress: Progress): void {
    const told = toldProgress(progress, this.told);
    if (!told) return;
    this.told = told;
    this.rate ??= new ProgressRate(this.deps.time);
    this.newest = { ...told, ...this.rate.estimate(told, this.clock.now()) };
    this.toldEvents().progress(this.newest);
  }

  log(message: string, fields?: Record<string, unknown>): void {
    const line = logLine(message, fields);
    this.keep(line);
    try {
      this.logger.info({ ...line.fields, ...errorsOf(fields) }, line.message);
    } catch {
      // An error whose members cannot be read: the line is kept, and that is enough.
      this.logger.info(line.fields, line.message);
    }
  }

  /** A line that was logged already, here or in a child process. */
  keep(line: LogLine): void {
    this.toldEvents().log(line);
  }

  async step<Result extends JsonValue>(name: string, work: () => Promise<Result>): Promise<Result> {
    const memory = { read: (name: string) => this.readStep(name), save: (name: string, result: JsonText) => this.saveStep(name, result) };
    this.steps ??= new Steps(memory, this.deps.config?.resultMaxBytes);
    return (await this.steps.run(name, work)) as Result;
  }

  async transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    // A handler that goes on after its attempt ended without it: nobody would ever end this transaction, nor free the job's row.
    if (this.over && !this.opening) throw this.lost();
    // A call within a call is on the savepoint of its own; calls beside each other take turns, for savepoints are a stack.
    const within = CALLS.getStore();
    if (within?.context === this) return this.nestedIn(within.open as OpenTransaction<Transaction>, work);
    const turn = this.turn.then(() => this.inTransaction(work));
    this.turn = turn.catch(() => undefined);
    return turn;
  }

  private nestedIn<Result>(open: OpenTransaction<Transaction>, work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    return open.nested(() => this.noticing(open, () => work(open.transaction)));
  }

  /**
   * What a call has written is gone when it throws, also for a handler that catches that. The first call needs no savepoint: with it
   * the whole transaction is rolled back, and the next call opens another.
   */
  private async inTransaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    if (this.over && !this.opening) throw this.lost();
    const first = this.opening === undefined;
    this.opening ??= this.open();
    let open: OpenTransaction<Transaction>;
    try {
      open = await this.opening;
    } catch (error) {
      if (!this.stopError) this.opening = undefined;
      if (!(error instanceof LeaseLostError)) markPlatformFault(error);
      throw error;
    }
    const running = () => CALLS.run({ context: this, open }, () => this.noticing(open, () => work(open.transaction)));
    if (!first) return open.nested(running);
    try {
      return await running();
    } catch (error) {
      if (!this.over) {
        this.opening = undefined;
        await open.rollback();
      }
      throw error;
    }
  }

  /** Before anything is rolled back: then a savepoint is in order again, and a connection ended. */
  private async noticing<Result>(open: OpenTransaction<Transaction>, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (open.fault()) markPlatformFault(error);
      throw error;
    }
  }

  /** The attempt's outcome is decided: a handler that does not obey its signal cannot open a transaction any more. */
  end(): void {
    this.over = true;
  }

  /** Fires the signal. The first reason stands. */
  stop(reason: StopReason, message: string, graceMs?: number): void {
    if (this.stopError) return;
    this.stopError = new StopError(reason, message, graceMs);
    this.abort?.abort(this.stopError);
    this.onStop?.();
  }

  get stopped(): StopError | undefined {
    return this.stopError;
  }

  /** What it has told and is to be written now; with `all`, also progress whose time has not come. One batch at a time. */
  takeEvents(all: boolean): TakenEvents | undefined {
    return this.events?.take(all);
  }

  /** Resolves when what it has told is written, or will not be; undefined when nothing is on its way. */
  get landing(): Promise<void> | undefined {
    return this.events?.landing;
  }

  private toldEvents(): AttemptEvents {
    return (this.events ??= new AttemptEvents(() => this.clock.now(), this.job.events));
  }

  /** The newest progress that was not taken before. */
  takeProgress(): Progress | undefined {
    const progress = this.newest;
    this.newest = undefined;
    return progress;
  }

  settleThrough(transaction: SettlingTransaction): void {
    this.elsewhere = transaction;
  }

  /** The transaction that the handler opened, if it did. */
  async openTransaction(): Promise<SettlingTransaction | undefined> {
    if (this.elsewhere) return this.elsewhere;
    const open = await this.opening?.catch(() => undefined);
    return open && { settle: (settlement) => this.settleIn(open, settlement), rollback: () => open.rollback() };
  }

  /** Asks before the step's work is called: a handler that goes on after its end, or without its lease, must not repeat effects. */
  private async readStep(name: string): Promise<JsonText | null> {
    if (this.stopError?.reason === 'lease_lost') throw this.lost();
    // Nobody waits for this handler any more, and no answer would tell it so.
    if (this.over) await new Promise<never>(() => undefined);
    const { held, result } = await this.reached(this.deps.store.readStep(this.job.id, this.job.token, name, this.job));
    if (!held) throw this.lost();
    return result;
  }

  private async saveStep(name: string, result: JsonText): Promise<void> {
    if (!(await this.reached(this.deps.store.saveStep(this.job.id, this.job.token, name, result, this.job)))) throw this.lost();
  }

  /** The store's own failure to answer; what it refuses for its data is the step's. */
  private async reached<Answer>(answer: Promise<Answer>): Promise<Answer> {
    try {
      return await answer;
    } catch (error) {
      if (this.deps.classify?.(error) !== 'data') markPlatformFault(error);
      throw error;
    }
  }

  private async settleIn(open: OpenTransaction<Transaction>, settlement: Settlement): Promise<SettleAnswer> {
    try {
      const [answer = { settled: false }] = await this.settleRow(settlement, open.transaction);
      if (answer.settled) await open.commit();
      else await open.rollback();
      return answer;
    } catch (error) {
      if (open.fault() || this.deps.classify?.(error) === 'busy') markPlatformFault(error);
      throw error;
    }
  }

  private async settleRow(settlement: Settlement, transaction: Transaction): Promise<SettleAnswer[]> {
    try {
      return await this.deps.store.settle([settlement], transaction);
    } catch (error) {
      if (this.deps.classify?.(error) !== 'data') throw error;
      throw new RefusedSettlementError((error as Error).message, { cause: error });
    }
  }

  private async open(): Promise<OpenTransaction<Transaction>> {
    const open = await this.deps.transactions.begin();
    try {
      // Before any of the handler's writes. No lock: heartbeat, cancel and sweep must get at the row, and what a taken-over
      // attempt writes is rolled back when its settlement, in this transaction, finds another token.
      if (await this.deps.store.holds(open.transaction, this.job.id, this.job.token)) return open;
    } catch (error) {
      await open.rollback();
      throw error;
    }
    await open.rollback();
    throw this.lost();
  }

  private lost(): LeaseLostError {
    const error = new LeaseLostError(this.job.id);
    this.stop('lease_lost', error.message);
    return error;
  }
}

/** The errors among the fields, as they are: a worker's log shows their stacks. */
function errorsOf(fields: unknown): Record<string, unknown> {
  if (typeof fields !== 'object' || fields === null) return {};
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value instanceof Error));
}
