import { outcomeEvent } from '@app/views';
import { BatchedChanges, type JobMessage, type Logger, noMetrics, systemClock, type WakeUp } from '@app/core';
import { createWorkerBroker, LocalWorker, type RuntimeConfig, type Store, WorkerHost, WorkerService } from '@app/host';
import { PostgresChanges } from '@app/postgres';
import { JOB_DELIVERY } from '@app/rabbitmq';
import type { HandlerRegistry } from '@app/sdk';

export interface RunParts {
  config: RuntimeConfig;
  store: Store;
  kinds: HandlerRegistry;
  logger: Logger;
}

/** Runs jobs in the process of a host application: the loops of a worker without its process. */
export interface RunsJobs {
  start(): Promise<void>;
  /** Call it when this process has accepted jobs that may run now. */
  committed(wakeUp: JobMessage): void;
  /** Call it when jobs that this process has accepted wait for their turn; `limited`: some have limits. */
  waiting(limited: boolean): void;
  /** Takes no more jobs. Running jobs may end within the drain time and are interrupted after it. */
  drain(): Promise<void>;
  /** Call it after {@link drain}. The caller, who opened the store, closes it. */
  close(): Promise<void>;
}

export function runJobs(parts: RunParts): RunsJobs {
  return parts.config.broker === 'none' ? outOfPostgres(parts) : fromRabbit(parts);
}

function outOfPostgres({ config, store, kinds, logger }: RunParts): RunsJobs {
  // Gateways on the same database are notified of the events of jobs that run here.
  const changes = new PostgresChanges(config.databaseUrl, config.schema, () => undefined, logger);
  const batched = new BatchedChanges((jobIds) => changes.tell(jobIds), systemClock);
  store.tell((jobIds) => batched.tell(jobIds));
  const host = new WorkerHost({ store, config, logger, handlers: kinds, announce: () => Promise.resolve(new Map()), isolated: null });
  const worker = new LocalWorker(config, logger, store, host, noMetrics);
  return {
    start: async () => {
      changes.start();
      await worker.start();
    },
    committed: () => worker.nudge(),
    waiting: (limited) => worker.waiting(limited),
    drain: () => worker.close(),
    close: async () => {
      batched.flush();
      await changes.close();
    },
  };
}

function fromRabbit({ config, store, kinds, logger }: RunParts): RunsJobs {
  const broker = createWorkerBroker(config, store, logger, noMetrics, (queue) => worker.inbox.credit(queue));
  const host = new WorkerHost({
    store,
    config,
    logger,
    handlers: kinds,
    announce: (jobs) => {
      broker.changes.tell(jobs.map(({ id }) => id));
      return broker.publisher.publishEvents(jobs.map((job) => outcomeEvent(job)));
    },
    isolated: null,
  });
  const worker = new WorkerService(config, logger, store, broker, host, noMetrics);
  const { transport } = broker;
  return {
    start: async () => {
      // Nest does this for a microservice, but the host may not be one.
      const receive = async (message: WakeUp) => {
        worker.inbox.receive(message);
      };
      transport.addHandler(JOB_DELIVERY, receive, true);
      transport.listen(() => undefined);
      await worker.start();
    },
    committed: (wakeUp) => worker.publishNow(wakeUp),
    waiting: (limited) => worker.waiting(limited),
    drain: () => worker.drain(),
    close: async () => {
      await transport.close();
      await worker.close();
    },
  };
}
