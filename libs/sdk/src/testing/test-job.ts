import {
  askedDelay,
  DEFAULT_TENANT,
  type JobSchedule,
  jsonResult,
  jsonText,
  type JsonText,
  type JsonValue,
  logLine,
  ofThrown,
  type Progress,
  Steps,
  StopError,
  type StopReason,
  toldProgress,
} from '@app/core';
import type { EntityManager } from 'typeorm';
import { HandlerRegistry } from '../handler-registry.js';
import { payloadText } from '../jobs.js';
import type { Handles, JobContext } from '../job-handler.decorator.js';

export interface TestRun<Result> {
  result: Result;
  /** The stored JSON text of the result, with all digits. */
  resultText: string;
  progress: Progress[];
  logs: { message: string; fields: Record<string, unknown> }[];
  /** The results of the steps that ran. */
  steps: Record<string, JsonValue>;
}

export interface TestOptions {
  attempt?: number;
  maxAttempts?: number;
  id?: string;
  /** Whose job it is; left out, of the default tenant. */
  tenant?: string;
  /** As of a job that a schedule has made. */
  schedule?: JobSchedule;
  /** The results of steps that an earlier attempt has completed. */
  steps?: Record<string, JsonValue>;
  /** The argument of `work` in `job.transaction(work)`. Without it the call throws. */
  transaction?: EntityManager;
}

/** One handler, made with the given dependencies, ready to run without broker or database. */
export interface JobTest<Payload, Result> {
  /**
   * Validates the payload as Longhaul does, runs the handler, and resolves with its effects as they would be stored
   * and read again (a `Date` is text). Rejects with the error that the handler throws, or with the error that Longhaul would give.
   */
  run(payload: { [Field in keyof Payload]?: Payload[Field] }, options?: TestOptions): Promise<TestRun<Result>>;
  /** Fires the signal of the run in progress, as a cancel, a timeout or a drain would. */
  stop(reason?: StopReason): void;
}

export function testJob<Payload extends object, Result, Dependencies extends unknown[]>(
  handler: new (...dependencies: Dependencies) => Handles<Payload, Result>,
  ...dependencies: Dependencies
): JobTest<Payload, Result> {
  const registry = new HandlerRegistry([handler], () => new handler(...dependencies));
  const [kind] = registry.names() as [string];
  let abort = new AbortController();
  return {
    stop: (reason = 'cancel') => abort.abort(new StopError(reason, `the test stopped the job: ${reason}`)),
    run: async (payload, options = {}) => {
      abort = new AbortController();
      const run: Omit<TestRun<Result>, 'result' | 'resultText'> = { progress: [], logs: [], steps: { ...options.steps } };
      const steps = new Steps(stepMemory(run.steps), undefined);
      const text = payloadText(payload);
      const context: JobContext = {
        id: (options.id ?? '01890000-0000-7000-8000-000000000000') as JobContext['id'],
        kind,
        queue: 'default',
        tenant: options.tenant ?? DEFAULT_TENANT,
        rawPayload: text,
        attempt: options.attempt ?? 1,
        maxAttempts: options.maxAttempts ?? 5,
        createdAt: new Date(),
        schedule: options.schedule,
        idempotencyKey: options.id ?? '01890000-0000-7000-8000-000000000000',
        fence: options.attempt ?? 1,
        signal: abort.signal,
        progress: (progress) => {
          const told = toldProgress(progress, run.progress.at(-1));
          if (told) run.progress.push(told);
        },
        log: (message, fields) => {
          const line = logLine(message, fields);
          run.logs.push({ message: line.message, fields: line.fields });
        },
        step: async (name, work) => (await steps.run(name, work)) as never,
        transaction: (work) => {
          if (!options.transaction) throw new Error('expected run(payload, { transaction }) for a handler that calls job.transaction(), got none');
          return work(options.transaction);
        },
      };
      try {
        const returned = await registry.run(kind, text, context);
        const resultText = jsonResult(returned);
        return { ...run, result: JSON.parse(resultText) as Result, resultText };
      } catch (error) {
        throw ofThrown(error, askedDelay).refusal ?? error;
      }
    },
  };
}

function stepMemory(results: Record<string, JsonValue>): ConstructorParameters<typeof Steps>[0] {
  return {
    read: async (name) => (Object.hasOwn(results, name) ? jsonText(results[name]) : null),
    save: async (name, result: JsonText) => void (results[name] = JSON.parse(result) as JsonValue),
  };
}
