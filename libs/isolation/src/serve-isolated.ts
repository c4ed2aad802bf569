import { Worker } from 'node:worker_threads';
import {
  type AttemptStore,
  type Handlers,
  jsonResult,
  LeaseLostError,
  type Logger,
  type SettlingTransaction,
  type StoreTime,
  type Transactions,
} from '@app/core';
import { classifyError } from '@app/postgres';
import type { EntityManager } from 'typeorm';
import { ForwardingContext } from './forwarding-context.js';
import type { LifelineData } from './lifeline.js';
import type { FromChild, ToChild } from './protocol.js';
import { toWire } from './wire-error.js';

export interface IsolatedParts {
  handlers: Handlers<EntityManager>;
  store: AttemptStore<EntityManager>;
  transactions: Transactions<EntityManager>;
  time: StoreTime;
  logger: Logger;
  resultMaxBytes: number;
  close: () => Promise<void>;
}

/** Makes this process end when its worker ends, when the worker's lease expires, or when it takes more than `memoryMb`. Call it before anything is opened. */
export function tieToWorker(memoryMb: number, leaseSeconds: number): void {
  const workerData: LifelineData = { memoryBytes: memoryMb * 1024 * 1024, leaseMs: leaseSeconds * 1_000 };
  new Worker(new URL('./lifeline.js', import.meta.url), { workerData }).unref();
}

/** Serves the worker that started this process: runs one attempt at a time until the worker sends `end`. isolated-process.ts describes the protocol. */
export function serveIsolated(parts: IsolatedParts, memoryMb: number): void {
  const freshBytes = process.memoryUsage.rss();
  const wornBytes = (freshBytes + memoryMb * 1024 * 1024) / 2;
  let context: ForwardingContext | undefined;
  let open: SettlingTransaction | undefined;

  process.on('message', (message: ToChild) => void receive(message));
  send({ type: 'ready' });

  async function receive(message: ToChild): Promise<void> {
    switch (message.type) {
      case 'run':
        return run(message);
      case 'stop':
        context?.stop(message.reason, message.message);
        return;
      case 'settle':
        return settle(message);
      case 'rollback':
        await open?.rollback();
        send({ type: 'rolled-back' });
        free();
        return;
      case 'end':
        await parts.close();
        process.exit(0);
    }
  }

  async function run({ job }: Extract<ToChild, { type: 'run' }>): Promise<void> {
    const { handlers, store, transactions, time, resultMaxBytes } = parts;
    const logger = parts.logger.child({ jobId: job.id, kind: job.kind, attempt: job.attempt });
    // A handler of an earlier job may still run. Its messages are dropped.
    const report = (message: FromChild) => {
      if (context === attempt) send(message);
    };
    const attempt: ForwardingContext = new ForwardingContext(
      job,
      { store, transactions, time, logger, classify: classifyError, config: { resultMaxBytes } },
      (progress) => report({ type: 'progress', progress }),
      (line) => report({ type: 'log', line }),
    );
    context = attempt;
    try {
      const result = jsonResult(await handlers.run(job.kind, job.payload, attempt), resultMaxBytes);
      if (attempt.stopped?.reason === 'lease_lost') throw new LeaseLostError(job.id);
      attempt.end();
      open = await attempt.openTransaction();
      send({ type: 'returned', result, progress: attempt.takeProgress(), open: open !== undefined });
      if (!open) free();
    } catch (error) {
      attempt.end();
      await (await attempt.openTransaction())?.rollback();
      send({ type: 'threw', error: toWire(error), progress: attempt.takeProgress() });
      free();
    }
  }

  async function settle({ settlement }: Extract<ToChild, { type: 'settle' }>): Promise<void> {
    if (!open) return;
    try {
      const answer = await open.settle(settlement);
      send({ type: 'settled', answer });
      free();
    } catch (error) {
      send({ type: 'not-settled', error: toWire(error) });
    }
  }

  function free(): void {
    context = undefined;
    open = undefined;
    send({ type: 'free', worn: process.memoryUsage.rss() > wornBytes });
  }
}

function send(message: FromChild): void {
  // Without this callback a worker that is gone would raise an error here. The lifeline handles that case.
  process.send?.(message, undefined, undefined, () => undefined);
}
