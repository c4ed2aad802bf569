import type { Fault, Handlers, JsonText, JsonValue, KindPolicy, RunningAttempt } from '@app/core';
import type { EntityManager } from 'typeorm';
import type { ProcessPool } from './process-pool.js';

/** As a kind that asks for isolation without saying more. */
const SUSPECT_MEMORY_MB = 512;

/**
 * The handlers of this process. In a child process run those whose kind asks for it, and a job that has crashed a worker
 * before: the next crash is then its own, and none of its neighbours waits for it (docs/inside/adr/0009).
 */
export class IsolatingHandlers implements Handlers<EntityManager> {
  constructor(
    private readonly handlers: Handlers<EntityManager>,
    private readonly processes: Pick<ProcessPool, 'run'>,
  ) {}

  names(): string[] {
    return this.handlers.names();
  }

  policy(kind: string): KindPolicy | undefined {
    return this.handlers.policy(kind);
  }

  validate(kind: string, payload: JsonValue, text: JsonText): Promise<Fault[]> | Fault[] {
    return this.handlers.validate(kind, payload, text);
  }

  run(kind: string, payload: JsonText, attempt: RunningAttempt<EntityManager>): Promise<unknown> {
    const policy = this.policy(kind);
    const suspect = attempt.job.crashes > 0;
    if (!policy || (!policy.isolated && !suspect)) return this.handlers.run(kind, payload, attempt);
    return this.processes.run(policy, policy.isolated?.memoryMb ?? SUSPECT_MEMORY_MB, attempt);
  }
}
