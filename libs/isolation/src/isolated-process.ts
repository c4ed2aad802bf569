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

/** What the kernel may take to write a transaction and what the handler's row locks may take; after it the child is given up. */
const SETTLE_MS = 60_000;
const END_MS = 5_000;
/** As `nice` has it, from -20 to 19. */
const LOWER_PRIORITY = 5;
/** How much of its standard error is kept to tell why it ended. */
const LAST_WORDS = 4_000;

interface Question {
  answers: FromChild['type'][];
  resolve: (message: FromChild) => void;
  reject: (error: Error) => void;
}

/** `worn`: the process had better not be used again. */
export interface Freed {
  worn: boolean;
}

export interface ProcessOptions {
  /** The module that the child runs, the worker's isolated.main.ts, and the project's configuration that it loads. */
  entry: URL;
  configPath: string;
  policy: KindPolicy;
  memoryMb: number;
  /** How long a handler may take to obey its signal before its process is killed. */
  graceMs: number;
  /** How often to tell the child that this worker is awake: several times in a lease. */
  beatMs: number;
  logger: Logger;
}

/**
 * A child process of this worker that runs the attempts of one kind, one at a time.
 *
 * Authority: the job's row, written under the attempt's lease token. The token is a word and not a process, so the child
 * may write under it what its handler needs (steps, the transaction), and this worker decides everything else: it holds
 * the delivery, renews the lease, fires the stop, and makes the settlement. When the handler has opened a transaction, its
 * connection is the child's, so the worker hands the finished settlement over, and the child writes and commits it there.
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
 * - after its COMMIT, before `settled`: the same look finds the job ended, and it is announced. Should the COMMIT be on its
 *   way yet, the failed attempt's settlement waits for the row's lock, then matches no running row and finds the outcome;
 * - hangs: killed `graceMs` after its stop, or `SETTLE_MS` after a settlement was asked for; then as above.
 * The worker …
 * - at any line, even by SIGKILL: the lifeline breaks and a thread of the child kills the child's process group, however
 *   busy it is. What it has not committed is rolled back; a settlement that it had been handed may still commit in that
 *   moment, and then the job has ended: whoever gets its copy announces it;
 * - frozen: the child hears nothing for a whole lease and ends as above, so its row is free for whoever claims the job next.
 */
export class IsolatedProcess {
  readonly kind: string;
  /** Resolves when it can take a job, or never will. */
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

  constructor(private readonly options: ProcessOptions) {
    const { entry, configPath, policy, memoryMb } = options;
    this.kind = policy.kind;
    this.child = fork(entry, [policy.kind, String(memoryMb), configPath], {
      execArgv: ['--enable-source-maps', `--max-old-space-size=${memoryMb}`],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc', 'pipe'],
      serialization: 'advanced',
      // A job that runs here for its crashes is of a kind that knows the worker's whole environment.
      env: policy.isolated ? childEnvironment(process.env, policy.isolated.env) : process.env,
      // A group of its own: what the handler starts can be ended with it, and a terminal's Ctrl-C reaches the worker alone.
      detached: true,
    });
    this.gone = this.watch();
    this.ready = this.ask(undefined, 'ready');
    this.booted = Promise.race([this.ready.catch(() => undefined), this.gone]);
    this.ready.then(
      () => lowerPriority(this.child.pid ?? 0),
      () => undefined,
    );
  }

  /** False from the moment it is known to have ended, a little before `gone`. */
  get alive(): boolean {
    return this.loss === undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Runs one attempt as `Handlers.run` does; the result is the text that the child has made of it, as RawJson. It may be told to stop, and is killed if it does not obey in time. */
  async run(attempt: RunningAttempt): Promise<unknown> {
    const { signal } = attempt;
    await orAborted(this.ready, signal);
    signal.throwIfAborted();
    this.attempt = attempt;
    this.freed = new Promise((resolve) => (this.onFree = resolve));
    let killing: NodeJS.Timeout | undefined;
    const onStop = () => {
      const { reason, message } = signal.reason as StopError;
      this.send({ type: 'stop', reason, message });
      killing = setTimeout(() => this.kill(), this.options.graceMs);
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

  /** After `run`: resolves when nothing of the attempt is left in the process, its transaction included. */
  whenFree(): Promise<Freed> {
    return this.freed;
  }

  /** Ends an idle process: it may close its connections, and is killed if it takes its time. */
  async end(): Promise<void> {
    this.send({ type: 'end' });
    const killing = setTimeout(() => this.kill(), END_MS);
    await this.gone;
    clearTimeout(killing);
  }

  /** Ends it at once, and all that its handler has started. */
  kill(): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // Gone already, or not yet the leader of its group.
      this.child.kill('SIGKILL');
    }
  }

  private thrown(attempt: RunningAttempt, error: Error): Error {
    if (error instanceof LeaseLostError) attempt.stop('lease_lost', error.message);
    return error;
  }

  /** The handler's transaction, in the child: only after `returned`, so nothing else is being asked. */
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
    // A channel that is closed is an answer too: `gone` brings it.
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
    // What it had started, e.g. a converter, has nobody to work for any more; and it may hold standard error open.
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
      process.stderr.write(text);
    });
  }

  /** Until its last words are read. */
  private async quiet(): Promise<void> {
    const { stderr } = this.child;
    if (!stderr || stderr.closed) return;
    await new Promise<void>((resolve) => {
      stderr.once('close', resolve);
      setTimeout(resolve, 500);
    });
  }

  private lost(how: string): ProcessLostError {
    const outOfMemory = this.overMemory || /heap out of memory|Allocation failed/.test(this.lastWords);
    const error = outOfMemory
      ? new ProcessLostError('out_of_memory', `expected ${this.kind} to take at most ${this.options.memoryMb} MiB, got more: its process was ended`)
      : new ProcessLostError('process_lost', `the process of ${this.kind} ${how}`);
    if (this.lastWords !== '') error.stack = this.lastWords;
    return error;
  }
}

/**
 * Below the worker's, about a third of its share of a busy machine: a handler that takes every core it can get must not
 * keep a heartbeat waiting. Not before it has booted, for a job waits for that.
 */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, LOWER_PRIORITY);
  } catch {
    // Gone already.
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
