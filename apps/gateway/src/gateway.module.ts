import { type Logger, OutboxRelay, SubmitJob, systemClock } from '@app/core';
import { catalogue, debugKinds } from '@app/jobs';
import { classifyError } from '@app/postgres';
import { Store, WorkerHost } from '@app/runtime';
import { HandlerRegistry, Jobs, JobsModule } from '@app/sdk';
import { storageConfig, StorageModule } from '@app/storage';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { createBroker, type GatewayBroker } from './broker.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { RedriveDeadLetter } from './dead-letters/redrive-dead-letter.js';
import { FilesModule } from './files/files.module.js';
import type { GatewayConfig } from './gateway.config.js';
import { GatewayService } from './gateway.service.js';
import { JobWaiter } from './jobs/job-waiter.js';
import { JobsController } from './jobs/jobs.controller.js';
import { HealthController } from './operations/health.controller.js';
import { KindsController } from './operations/kinds.controller.js';
import { QueuesController } from './operations/queues.controller.js';
import { StepOneService } from './step-one.service.js';
import { StepTwoService } from './step-two.service.js';

export interface GatewayParts {
  config: GatewayConfig;
  logger: Logger;
  store: Store;
}

const BROKER = Symbol('broker');
const MAX_BATCH = 128;
/** Beside this app in every build. */
const ISOLATED_ENTRY = new URL('../../isolated/src/main.js', import.meta.url);

/** Composition root of the gateway: which adapter serves which port. */
@Module({})
export class GatewayModule {
  static of(parts: GatewayParts): DynamicModule {
    const { config, store } = parts;
    const kinds = config.debugKinds ? [...catalogue, ...debugKinds] : catalogue;
    return {
      module: GatewayModule,
      global: true,
      imports: [
        StorageModule.forRoot(storageConfig(process.env)),
        config.broker === 'none' ? JobsModule.forRunning(kinds) : JobsModule.forSubmitting(kinds),
        FilesModule,
      ],
      controllers: [JobsController, KindsController, QueuesController, DeadLettersController, HealthController],
      providers: [
        { provide: DataSource, useValue: store.dataSource },
        { provide: Store, useValue: store },
        ...(config.broker === 'none' ? stepOne(parts) : stepTwo(parts)),
        { provide: Jobs, inject: [SubmitJob], useFactory: (submitJob: SubmitJob<EntityManager>) => new Jobs(submitJob) },
        {
          provide: RedriveDeadLetter,
          inject: [HandlerRegistry, SubmitJob],
          useFactory: (registry: HandlerRegistry, submitJob: SubmitJob) => new RedriveDeadLetter(store.deadLetters, store.jobs, registry, submitJob),
        },
      ],
      exports: [DataSource, Jobs],
    };
  }
}

function submitJob({ store }: GatewayParts, registry: HandlerRegistry, committed: SubmitJobCommitted): SubmitJob<EntityManager> {
  return new SubmitJob({ kinds: registry, queues: store.queues, store: store.submissions, committed, classify: classifyError, maxBatch: MAX_BATCH });
}

type SubmitJobCommitted = ConstructorParameters<typeof SubmitJob>[0]['committed'];

function stepOne(parts: GatewayParts): Provider[] {
  const { config, logger, store } = parts;
  return [
    { provide: JobWaiter, useFactory: () => new JobWaiter(store.jobs, () => Promise.resolve(), logger) },
    {
      provide: WorkerHost,
      inject: [HandlerRegistry, JobWaiter],
      useFactory: (handlers: HandlerRegistry, waiter: JobWaiter) =>
        new WorkerHost({ store, config, logger, handlers, announce: async (job) => waiter.notify(job.id), isolatedEntry: ISOLATED_ENTRY }),
    },
    { provide: GatewayService, inject: [WorkerHost], useFactory: (host: WorkerHost) => new StepOneService(config, logger, store, host) },
    {
      provide: SubmitJob,
      inject: [HandlerRegistry, GatewayService],
      useFactory: (registry: HandlerRegistry, service: StepOneService) => submitJob(parts, registry, () => service.processor.nudge()),
    },
  ];
}

function stepTwo(parts: GatewayParts): Provider[] {
  const { config, logger, store } = parts;
  return [
    // The broker tells the waiter of outcomes, and the waiter tells the broker which kinds it waits for.
    {
      provide: BROKER,
      useFactory: () => {
        const broker = createBroker(config, (jobId) => waiter.notify(jobId), logger);
        const waiter = new JobWaiter(store.jobs, (kind) => broker.outcomes.listenFor(kind), logger);
        return { broker, waiter };
      },
    },
    { provide: JobWaiter, inject: [BROKER], useFactory: ({ waiter }: { waiter: JobWaiter }) => waiter },
    {
      provide: OutboxRelay,
      inject: [BROKER],
      useFactory: ({ broker }: { broker: GatewayBroker }) =>
        new OutboxRelay({
          outbox: store.outbox,
          publisher: broker.publisher,
          clock: systemClock,
          logger,
          config: { sweepMs: 500, batch: 500, hideSeconds: 30, maxInFlight: 1_000 },
        }),
    },
    {
      provide: SubmitJob,
      inject: [HandlerRegistry, OutboxRelay],
      useFactory: (registry: HandlerRegistry, relay: OutboxRelay) => submitJob(parts, registry, (job) => relay.publishNow(job)),
    },
    {
      provide: GatewayService,
      inject: [BROKER, OutboxRelay, SubmitJob],
      useFactory: ({ broker }: { broker: GatewayBroker }, relay: OutboxRelay, submit: SubmitJob) =>
        new StepTwoService(config, logger, store, broker, relay, submit),
    },
  ];
}
