import type { Fault, Handlers, JsonValue, KindPolicy, RunningAttempt } from '@app/core';
import type { EntityManager } from 'typeorm';
import type { ProcessPool } from './process-pool.js';

/** The handlers of this process, of which those whose kind asks for it run in a child process. */
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

  validate(kind: string, payload: JsonValue): Promise<Fault[]> | Fault[] {
    return this.handlers.validate(kind, payload);
  }

  run(kind: string, payload: JsonValue, attempt: RunningAttempt<EntityManager>): Promise<JsonValue> {
    const policy = this.policy(kind);
    if (!policy?.isolated) return this.handlers.run(kind, payload, attempt);
    return this.processes.run(policy, policy.isolated.memoryMb, attempt);
  }
}
