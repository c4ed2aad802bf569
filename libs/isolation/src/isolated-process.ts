import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import type { Duplex } from 'node:stream';
import {
  type KindPolicy,
  LeaseLostError,
  type Logger,
  ProcessLostError,
  RawJson,
  type RunningAttempt,
  type SettlingTransaction,
  type StopError,
} from '@app/core';
import { childEnvironment } from './child-environment.js';
import { type FromChild, LIFELINE_FD, type ToChild } from './protocol.js';
import { fromWire } from './wire-error.js';

/** How long a settlement in the child may take, with the writing of the transaction and waits for row locks. After it the child is killed. */
const SETTLE_MS = 60_000;
const END_MS = 5_000;
/** The part of an attempt's own grace time after which its process is killed. */
const KILLED_AFTER = 0.8;
/** A priority as of `nice`, from -20 to 19. */
const LOWER_PRIORITY = 5;
/** How many characters of its standard error are kept, to report why it ended. */
const LAST_WORDS = 4_000;
/** What a boot that fails most often lacks: a module of the project reads a variable that the kind does not name. */
const LACKS = '; of your variables it has only those that isolated: { env: [...] } of the kind names';

interface Question {
  answers: FromChild['type'][];
  resolve: (message: FromChild) => void;
  reject: (error: Error) => void;
}

/** `worn`: the process should not be used again. */
export interface Freed {
  worn: boolean;
}

export interface ProcessOptions {
  /** The module that the child runs, the worker's isolated.main.ts, and the project's configuration that it loads. */
  entry: URL;
  configPath: string;
  policy: KindPolicy;
  memoryMb: number;
  /** How long a handler has to obey its signal before its process is killed. */
  graceMs: number;
  /** How often the worker tells the child that it is awake: several times in a lease. */
  beatMs: number;
  logger: Logger;
  /** Leaves out of a text what is not to be logged. */
  hide?: ((text: string) => string) | undefined;
}

/**
 * A child process of this worker that runs the attempts of one kind, one at a time.
 *
 * Authority: the job's row, written under the attempt's lease token. The token is not bound to a process, so the child may
 * use it to write what its handler needs (steps, the transaction). This worker decides everything else: it holds the
 * delivery, renews the lease, fires the stop signal, and makes the settlement. When the handler has opened a transaction,
 * the connection belongs to the child. The worker then sends it the finished settlement, and the child writes and commits it.
 *
 *   worker                                child
 *   run(job, token)  ───────────────────► lock row under token, handler, transaction stays open
 *                    ◄─── progress … ────
 *                    ◄─── returned, open ─
 *   settle(outcome)  ───────────────────► settle statement, COMMIT
 *                    ◄─── settled ────────
 *   event, disposition                    free: waits for the next job
 *
 * What a crash leads to. The child …
 * - before `returned`: its connection is gone, so the transaction is rolled back; a failed attempt (`process_lost`,
 *   `out_of_memory`), retried or failed by the kind's policy; this worker and its other jobs go on;
 * - after `returned`, before its COMMIT: the settlement gets no answer. The row, locked by the transaction until
 *   PostgreSQL has ended it, is looked up by token: still running, so a failed attempt as above;
 * - after its COMMIT, before `settled`: the same query finds the job ended, and it is announced. If the COMMIT is still on
 *   its way, the failed attempt's settlement waits for the row's lock, then matches no running row and finds the outcome;
 * - hangs: killed `graceMs` after its stop, or `SETTLE_MS` after a settlement was asked for; then as above.
 * The worker …
 * - at any line, even by SIGKILL: the lifeline breaks and a thread of the child kills the child's process group, however
 *   busy it is. What it has not committed is rolled back; a settlement that it was sent may still commit in that
 *   moment, and then the job has ended: the process that gets the next copy announces it;
 * - frozen: the child hears nothing for a whole lease and ends as above, so its row is free for whoever claims the job next.
 */
export class IsolatedProcess {
  readonly kind: string;
  /** Resolves when the process can take a job, or has ended. */
  readonly booted: Promise<unknown>;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
  private readonly child: ChildProcess;
  private readonly ready: Promise<unknown>;
  private pending: Question | undefined;
  private attempt: RunningAttempt | undefined;
  private freed: Promise<Freed> = Promise.resolve({ worn: false });
  private onFree: (freed: Freed) => void = () => undefined;
  private loss: ProcessLostError | undefined;
  private lastWords = '';
  private overMemory = false;
  private tookJobs = false;

  constructor(private readonly options: ProcessOptions) {
    const { entry, configPath, policy, memoryMb } = options;
    this.kind = policy.kind;
    this.child = fork(entry, [policy.kind, String(memoryMb), configPath], {
      execArgv: [`--max-old-space-size=${memoryMb}`],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc', 'pipe'],
      serialization: 'advanced',
      // A job that runs here only because it has crashed a worker is of a kind that gets the worker's whole environment.
      env: policy.isolated ? childEnvironment(process.env, policy.isolated.env) : process.env,
      // A process group of its own: processes that the handler starts can be killed with it, and Ctrl-C in a terminal reaches only the worker.
      detached: true,
    });
    this.gone = this.watch();
    this.ready = this.ask(undefined, 'ready');
    this.booted = Promise.race([this.ready.catch(() => undefined), this.gone]);
    this.ready.then(
      () => {
        this.tookJobs = true;
        lowerPriority(this.child.pid ?? 0);
      },
      () => undefined,
    );
  }

  /** False as soon as the process is known to have ended, a little before `gone`. */
  get alive(): boolean {
    return this.loss === undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Runs one attempt as `Handlers.run` does. The result is RawJson with the text from the child. A stopped attempt that does not obey in time is killed. */
  async run(attempt: RunningAttempt): Promise<unknown> {
    const { signal } = attempt;
    await orAborted(this.ready, signal);
    signal.throwIfAborted();
    this.attempt = attempt;
    this.freed = new Promise((resolve) => (this.onFree = resolve));
    let killing: NodeJS.Timeout | undefined;
    const onStop = () => {
      const { reason, message, graceMs } = signal.reason as StopError;
      this.send({ type: 'stop', reason, message });
      // Before the attempt is given up, as with the usual time: then it is known how the process ended.
      killing = setTimeout(() => this.kill(), Math.min(this.options.graceMs, (graceMs ?? Infinity) * KILLED_AFTER));
    };
    signal.addEventListener('abort', onStop, { once: true });
    try {
      const end = await this.ask({ type: 'run', job: attempt.job }, 'returned', 'threw');
      if (end.progress) attempt.progress(end.progress);
      if (end.type === 'threw') throw this.thrown(attempt, fromWire(end.error));
      if (end.open) attempt.settleThrough(this.transaction());
      return new RawJson(end.result);
    } finally {
      signal.removeEventListener('abort', onStop);
      clearTimeout(killing);
      this.attempt = undefined;
    }
  }

  /** Call it after `run`. Resolves when the attempt has left the process, with its transaction. */
  whenFree(): Promise<Freed> {
    return this.freed;
  }

  /** Ends an idle process. It may close its connections, and is killed if that takes too long. */
  async end(): Promise<void> {
    this.send({ type: 'end' });
    const killing = setTimeout(() => this.kill(), END_MS);
    await this.gone;
    clearTimeout(killing);
  }

  /** Kills the process and all processes that its handler has started. */
  kill(): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The process is gone, or does not lead its group yet.
      this.child.kill('SIGKILL');
    }
  }

  private thrown(attempt: RunningAttempt, error: Error): Error {
    if (error instanceof LeaseLostError) attempt.stop('lease_lost', error.message);
    return error;
  }

  /** The handler's transaction, in the child. It is used only after `returned`, so no other question is open. */
  private transaction(): SettlingTransaction {
    return {
      settle: async (settlement) => {
        const answer = await this.within(SETTLE_MS, this.ask({ type: 'settle', settlement }, 'settled', 'not-settled'));
        if (answer.type === 'settled') return answer.answer;
        throw fromWire(answer.error);
      },
      rollback: async () => {
        await this.within(this.options.graceMs, this.ask({ type: 'rollback' }, 'rolled-back')).catch(() => undefined);
      },
    };
  }

  private async within<Answer>(ms: number, answer: Promise<Answer>): Promise<Answer> {
    const killing = setTimeout(() => this.kill(), ms);
    return answer.finally(() => clearTimeout(killing));
  }

  /** Rejects with a `ProcessLostError` when the process ends before it answers. One question at a time. */
  private async ask<Type extends FromChild['type']>(question: ToChild | undefined, ...answers: Type[]): Promise<Extract<FromChild, { type: Type }>> {
    if (this.loss) throw this.loss;
    const answered = new Promise<FromChild>((resolve, reject) => (this.pending = { answers, resolve, reject }));
    if (question) this.send(question);
    return (await answered) as Extract<FromChild, { type: Type }>;
  }

  private send(message: ToChild): void {
    // When the channel is closed, `gone` rejects the question.
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  private receive(message: FromChild): void {
    if (message.type === 'progress') this.attempt?.progress(message.progress);
    else if (message.type === 'log') this.attempt?.keep(message.line);
    else if (message.type === 'free') this.onFree(message);
    else if (this.pending?.answers.includes(message.type)) this.pending.resolve(message);
  }

  private async watch(): Promise<void> {
    const { child } = this;
    child.on('message', (message) => this.receive(message as FromChild));
    this.listen();
    const how = await new Promise<string>((resolve) => {
      child.on('error', (error) => child.pid === undefined && resolve(`could not be started: ${error.message}`));
      child.once('exit', (code, signal) => resolve(signal === null ? `exited with code ${code}` : `was ended by ${signal}`));
    });
    // Processes that it has started, e.g. a converter, are of no use any more and may keep standard error open.
    this.kill();
    await this.quiet();
    this.loss = this.lost(how);
    this.pending?.reject(this.loss);
    this.onFree({ worn: true });
    this.freed = Promise.resolve({ worn: true });
  }

  private listen(): void {
    const lifeline = this.child.stdio[LIFELINE_FD] as Duplex | null | undefined;
    lifeline?.on('data', () => (this.overMemory = true)).on('error', () => undefined);
    const beat = setInterval(() => lifeline?.writable && lifeline.write('.'), this.options.beatMs);
    this.child.once('exit', () => clearInterval(beat));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.lastWords = (this.lastWords + text).slice(-LAST_WORDS);
      process.stderr.write(this.options.hide?.(text) ?? text);
    });
  }

  /** Waits until its standard error is read to the end. */
  private async quiet(): Promise<void> {
    const { stderr } = this.child;
    if (!stderr || stderr.closed) return;
    await new Promise<void>((resolve) => {
      stderr.once('close', resolve);
      setTimeout(resolve, 500);
    });
  }

  private tooEarly(): string {
    return ` before it could take a job, see its last lines${this.options.policy.isolated ? LACKS : ''}`;
  }

  private lost(how: string): ProcessLostError {
    const outOfMemory = this.overMemory || /heap out of memory|Allocation failed/.test(this.lastWords);
    const error = outOfMemory
      ? new ProcessLostError('out_of_memory', `expected ${this.kind} to take at most ${this.options.memoryMb} MiB, got more: its process was ended`)
      : new ProcessLostError('process_lost', `the process of ${this.kind} ${how}${this.tookJobs ? '' : this.tooEarly()}`);
    if (this.lastWords !== '') error.stack = this.lastWords;
    return error;
  }
}

/**
 * Lowers the priority below the worker's, to about a third of its share of a busy machine: a handler that uses every core must not
 * delay a heartbeat. This is done after the boot, because a job waits for the boot.
 */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, LOWER_PRIORITY);
  } catch {
    // The process is gone.
  }
}

/** The promise's outcome, or a rejection with the signal's reason when that fires first. */
export async function orAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  return Promise.race([promise, aborted]).finally(() => onAbort && signal.removeEventListener('abort', onAbort));
}
