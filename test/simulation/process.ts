import type { Clock } from '@app/core';
import type { Owner, Schedule, Step } from './schedule.js';

/**
 * One incarnation of a process. When it crashes nothing of it goes on: continuations of its calls, its timers, what its
 * links had not sent. A restart is another incarnation. Frozen, it stands still and goes on later, none the wiser.
 */
export class SimProcess implements Owner {
  dead = false;
  frozenUntil = 0;
  readonly clock: Clock;
  private readonly onDeath: (() => void)[] = [];
  private readonly onFreeze: ((until: number) => void)[] = [];

  constructor(
    readonly name: string,
    readonly schedule: Schedule,
  ) {
    this.clock = {
      now: () => schedule.now,
      sleep: (ms, signal) => this.sleep(ms, signal),
      after: (ms, action) => {
        const step = this.local(ms, '', action);
        return () => (step.cancelled = true);
      },
    };
  }

  get frozen(): boolean {
    return this.frozenUntil > this.schedule.now;
  }

  /** Something that this process does after a while, if it lives. */
  local(delay: number, label: string, act: () => void): Step {
    return this.schedule.post(delay, this, label, act);
  }

  whenDead(act: () => void): void {
    this.onDeath.push(act);
  }

  whenFrozen(act: (until: number) => void): void {
    this.onFreeze.push(act);
  }

  crash(): void {
    if (this.dead) return;
    this.dead = true;
    this.schedule.note(this, '*** crashes');
    for (const act of this.onDeath) act();
  }

  freeze(ms: number): void {
    this.frozenUntil = this.schedule.now + ms;
    this.schedule.note(this, `*** is frozen for ${ms} ms`);
    for (const act of this.onFreeze) act(this.frozenUntil);
  }

  private sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener('abort', wake);
        step.cancelled = true;
        resolve();
      };
      const step = this.local(ms, '', wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}
