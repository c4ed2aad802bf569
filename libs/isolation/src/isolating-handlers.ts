import type { Fault, Handlers, JsonText, JsonValue, KindPolicy, RunningAttempt } from '@app/core';
import type { EntityManager } from 'typeorm';
import type { ProcessPool } from './process-pool.js';

/** The memory limit of a job that has crashed a worker: the default of isolated kinds. */
const SUSPECT_MEMORY_MB = 512;

/**
 * The handlers of this process. Kinds that ask for isolation run in a child process, and so does a job that has crashed a worker
 * before: its next crash then harms no other job (docs/inside/adr/0009).
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
