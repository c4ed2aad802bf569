import { type KindPolicy, type RunningAttempt, StopError } from '@app/core';
import { type Freed, IsolatedProcess, orAborted, type ProcessOptions } from './isolated-process.js';

/** The part of a process that the pool uses. */
export type PooledProcess = Pick<IsolatedProcess, 'kind' | 'pid' | 'alive' | 'booted' | 'gone' | 'run' | 'whenFree' | 'end' | 'kill'>;

export interface PoolOptions extends Pick<ProcessOptions, 'entry' | 'configPath' | 'graceMs' | 'beatMs' | 'logger' | 'hide'> {
  /** The most processes at once, with idle ones. */
  limit: number;
  /** An idle process is ended after this time. */
  idleMs: number;
  start?: (options: ProcessOptions) => PooledProcess;
}

/**
 * The child processes of a worker. A process serves one kind, because the memory limit belongs to the kind, and a handler may keep
 * data for its next job. A process is used again while it is warm. When all processes are busy, an attempt waits until one is free or
 * its signal fires; an idle process of another kind is ended to make room. Processes boot one at a time: after a worker was
 * killed all its jobs come back at once, and one warm process can soon run most of them.
 */
export class ProcessPool {
  private readonly processes = new Set<PooledProcess>();
  /** The process that was idle for the longest time comes first. */
  private readonly idle = new Map<PooledProcess, NodeJS.Timeout>();
  private readonly waiting = new Set<() => void>();
  private readonly start: (options: ProcessOptions) => PooledProcess;
  private booting = false;
  private closed = false;

  constructor(private readonly options: PoolOptions) {
    this.start = options.start ?? ((processOptions) => new IsolatedProcess(processOptions));
  }

  /** Runs an attempt in a process of its kind. Rejects as `Handlers.run` does. */
  async run(policy: KindPolicy, memoryMb: number, attempt: RunningAttempt): Promise<unknown> {
    const process = await this.take(policy, memoryMb, attempt.signal);
    try {
      return await process.run(attempt);
    } finally {
      // The transaction ends after the handler, and the process is free only then.
      void process.whenFree().then((freed) => this.giveBack(process, freed));
    }
  }

  /** Ends all processes; resolves when none is left. */
  async close(): Promise<void> {
    this.closed = true;
    this.wake();
    const ends = [...this.processes].map((process) => (this.idle.has(process) ? this.dismiss(process) : this.kill(process)));
    await Promise.all(ends);
  }

  private async take(policy: KindPolicy, memoryMb: number, signal: AbortSignal): Promise<PooledProcess> {
    for (;;) {
      signal.throwIfAborted();
      if (this.closed) throw new StopError('drain', 'the worker is shutting down');
      const warm = [...this.idle.keys()].reverse().find(({ kind, alive }) => alive && kind === policy.kind);
      if (warm) return this.wakeUp(warm);
      if (this.processes.size < this.options.limit && !this.booting) return this.add(policy, memoryMb);
      const [other] = this.processes.size < this.options.limit ? [] : this.idle.keys();
      if (other) void this.dismiss(other);
      await this.turn(signal);
    }
  }

  private wakeUp(process: PooledProcess): PooledProcess {
    clearTimeout(this.idle.get(process));
    this.idle.delete(process);
    return process;
  }

  private add(policy: KindPolicy, memoryMb: number): PooledProcess {
    const { entry, configPath, graceMs, beatMs, logger, hide } = this.options;
    const process = this.start({ entry, configPath, policy, memoryMb, graceMs, beatMs, logger, hide });
    this.processes.add(process);
    this.booting = true;
    void process.booted.then(() => {
      this.booting = false;
      this.wake();
    });
    logger.debug({ kind: policy.kind, child: process.pid }, 'a process for isolated jobs was started');
    void process.gone.then(() => {
      this.wakeUp(process);
      this.processes.delete(process);
      this.wake();
    });
    return process;
  }

  private giveBack(process: PooledProcess, { worn }: Freed): void {
    if (!this.processes.has(process)) return;
    this.idle.set(process, setTimeout(() => void this.dismiss(process), this.options.idleMs).unref());
    if (worn || this.closed) void this.dismiss(process);
    this.wake();
  }

  private dismiss(process: PooledProcess): Promise<void> {
    this.wakeUp(process);
    return process.end();
  }

  private async kill(process: PooledProcess): Promise<void> {
    process.kill();
    await process.gone;
  }

  /** Waits until a process has ended or is idle. */
  private async turn(signal: AbortSignal): Promise<void> {
    let go: (() => void) | undefined;
    const changed = new Promise<void>((resolve) => {
      go = resolve;
      this.waiting.add(resolve);
    });
    await orAborted(changed, signal).finally(() => go && this.waiting.delete(go));
  }

  private wake(): void {
    for (const go of this.waiting) go();
  }
}
