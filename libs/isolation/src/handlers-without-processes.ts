import { type Fault, type Handlers, type JsonText, type JsonValue, type KindPolicy, NonRetryableError, type RunningAttempt } from '@app/core';
import type { EntityManager } from 'typeorm';

/**
 * The handlers of a process that has no child processes. A job that has crashed a worker must not run beside other jobs again. Here it
 * fails with that reason, and an operator decides where to run it.
 */
export class HandlersWithoutProcesses implements Handlers<EntityManager> {
  constructor(private readonly handlers: Handlers<EntityManager>) {}

  names(): string[] {
    return this.handlers.names();
  }

  policy(kind: string): KindPolicy | undefined {
    return this.handlers.policy(kind);
  }

  validate(kind: string, payload: JsonValue, text: JsonText): Promise<Fault[]> | Fault[] {
    return this.handlers.validate(kind, payload, text);
  }

  async run(kind: string, payload: JsonText, attempt: RunningAttempt<EntityManager>): Promise<unknown> {
    if (attempt.job.crashes === 0 && !this.policy(kind)?.isolated) return this.handlers.run(kind, payload, attempt);
    const why = attempt.job.crashes > 0 ? 'it has crashed a worker before' : 'its kind is isolated';
    throw new NonRetryableError(`the job has to run in a process of its own, because ${why}, and this process starts none; redrive it where a worker runs`, {
      code: 'needs_isolation',
    });
  }
}
