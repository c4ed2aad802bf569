import { Admission, BatchedChanges, OutboxRelay, SubmitJob, systemClock } from '@app/core';
import { checkTelling, notificationKinds, NotificationsModule, ReplayDeliveries } from '@app/notifications';
import { PostgresChanges } from '@app/postgres';
import { jobsWithin, PrometheusMetrics, Store, WorkerHost } from '@app/host';
import { HandlerRegistry, Jobs, JobsModule, LONGHAUL_DATA_SOURCE } from '@app/sdk';
import { storageConfig, StorageModule } from '@app/storage';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ListTurns } from './http/list-turns.js';
import { BodyBudget } from './http/body-budget.js';
import { createBroker, type GatewayBroker } from './broker.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { RedriveDeadLetter } from './dead-letters/redrive-dead-letter.js';
import { EntranceController } from './entrance/entrance.controller.js';
import { EventFeed } from './events/event-feed.js';
import { EventHub } from './events/event-hub.js';
import { eventProviders, wakes } from './events/events.providers.js';
import { Interest } from './events/interest.js';
import { BOUNDS } from './http/bounds.config.js';
import { JobEventsController } from './events/job-events.controller.js';
import { OpenStreams } from './events/open-streams.js';
import { FilesModule } from './files/files.module.js';
import { GatewayService } from './gateway.service.js';
import type { GatewayParts } from './gateway-parts.js';
import { admissionOf, submitJobOf } from './submissions/submit-job-of.js';
import { HttpDoor } from './submissions/http/http-door.js';
import { JobWaiter } from './jobs/job-waiter.js';
import { JobsController } from './jobs/jobs.controller.js';
import { AMQP_URL, AsyncApiController } from './api-docs/async-api.controller.js';
import { RunTimes } from './jobs/run-times.js';
import { HealthController, HOST_RULE } from './health/health.controller.js';
import { KindsController } from './kinds/kinds.controller.js';
import { MetricsController } from './health/metrics.controller.js';
import { QueuesController } from './queues/queues.controller.js';
import { SingleProcessService } from './single-process.service.js';
import { DistributedService } from './distributed.service.js';
import { WebhookDeliveriesController } from './webhooks/deliveries.controller.js';
import { EndpointsController, NOTIFICATIONS_CONFIG } from './webhooks/endpoints.controller.js';

const BROKER = Symbol('broker');
/** An entry of the worker, beside this app in every build. */
const ISOLATED_ENTRY = new URL('../../worker/src/isolated.main.js', import.meta.url);

/** Composition root of the gateway: which adapter serves which port. */
@Module({})
export class GatewayModule {
  static of(parts: GatewayParts): DynamicModule {
    const { config, kinds, logger, store, metrics, notifications } = parts;
    return {
      module: GatewayModule,
      global: true,
      imports: [
        StorageModule.forRoot(storageConfig(process.env)),
        NotificationsModule.forRoot({ store, config: notifications, logger }),
        config.broker === 'none' ? JobsModule.of(kinds, notificationKinds) : JobsModule.of(kinds),
        FilesModule,
      ],
      controllers: [
        EntranceController,
        JobEventsController,
        JobsController,
        KindsController,
        QueuesController,
        DeadLettersController,
        EndpointsController,
        WebhookDeliveriesController,
        HealthController,
        MetricsController,
        AsyncApiController,
      ],
      providers: [
        { provide: LONGHAUL_DATA_SOURCE, useValue: store.dataSource },
        { provide: Store, useValue: store },
        { provide: PrometheusMetrics, useValue: metrics },
        { provide: AMQP_URL, useValue: config.broker === 'none' ? null : config.amqpUrl },
        { provide: HttpDoor, inject: [SubmitJob], useFactory: (submit: SubmitJob) => new HttpDoor(submit, metrics) },
        ...eventProviders(config.events, store, logger),
        {
          provide: OpenStreams,
          inject: [Interest],
          useFactory: (interest: Interest) => new OpenStreams({ ...config.events, maxOfClient: config.bounds.streamsOfClient }, () => interest.take()),
        },
        {
          provide: JobWaiter,
          inject: [EventHub, Interest],
          useFactory: (hub: EventHub, interest: Interest) => new JobWaiter(hub, config.bounds.waits, config.bounds.waitsOfClient, () => interest.take()),
        },
        { provide: BOUNDS, useValue: config.bounds },
        { provide: RunTimes, inject: [HandlerRegistry], useFactory: (registry: HandlerRegistry) => new RunTimes(store.jobs, registry.names(), logger) },
        BodyBudget,
        { provide: ListTurns, useFactory: () => new ListTurns() },
        { provide: HOST_RULE, useValue: config.web.hosts },
        { provide: NOTIFICATIONS_CONFIG, useValue: notifications },
        { provide: Admission, inject: [BodyBudget], useFactory: (bodies: BodyBudget) => admissionOf(parts, bodies) },
        ...(config.broker === 'none' ? singleProcess(parts) : distributed(parts)),
        {
          provide: RedriveDeadLetter,
          inject: [HandlerRegistry, SubmitJob],
          useFactory: (registry: HandlerRegistry, submitJob: SubmitJob) =>
            new RedriveDeadLetter(store.deadLetters, store.jobs, registry, submitJob, config.maxJsonMembers),
        },
        {
          provide: ReplayDeliveries,
          inject: [SubmitJob],
          useFactory: (submitJob: SubmitJob<EntityManager>) =>
            new ReplayDeliveries(store.dataSource, store.webhookDeliveries, store.jobs, submitJob, notifications.webhooks),
        },
      ],
      exports: [LONGHAUL_DATA_SOURCE, Jobs],
    };
  }
}

function singleProcess(parts: GatewayParts): Provider[] {
  const { config, logger, store, metrics, notifications } = parts;
  // Made of what handlers need, so after them.
  let service: SingleProcessService | undefined;
  return [
    {
      provide: Jobs,
      inject: [HandlerRegistry],
      useFactory: (registry: HandlerRegistry) =>
        jobsWithin({
          store,
          kinds: registry,
          checkTelling: (options) => checkTelling(options, notifications),
          committed: () => service?.worker.nudge(),
          joinedCommitted: () => service?.worker.nudge(),
        }),
    },
    { provide: Interest, useFactory: () => new Interest(() => undefined) },
    // Changes of this very process are heard at once; those of other gateways through PostgreSQL.
    {
      provide: PostgresChanges,
      inject: [EventHub, EventFeed],
      useFactory: (hub: EventHub, feed: EventFeed) => {
        const wake = wakes(hub, feed);
        const changes = new PostgresChanges(config.databaseUrl, config.schema, wake, logger);
        const batched = new BatchedChanges((jobIds) => {
          wake(jobIds);
          changes.tell(jobIds);
        }, systemClock);
        store.tell((jobIds) => batched.tell(jobIds));
        return changes;
      },
    },
    {
      provide: WorkerHost,
      inject: [HandlerRegistry, EventHub],
      useFactory: (handlers: HandlerRegistry, hub: EventHub) =>
        new WorkerHost({
          store,
          config,
          logger,
          handlers,
          metrics,
          announce: async (job) => hub.ends.wake([job.id]),
          isolated: { entry: ISOLATED_ENTRY, configPath: parts.project.path },
        }),
    },
    {
      provide: GatewayService,
      inject: [WorkerHost, PostgresChanges],
      useFactory: (host: WorkerHost, changes: PostgresChanges) => (service = new SingleProcessService(config, logger, store, host, changes, metrics)),
    },
    {
      provide: SubmitJob,
      inject: [HandlerRegistry, Admission, GatewayService],
      useFactory: (registry: HandlerRegistry, gate: Admission, service: SingleProcessService) =>
        submitJobOf(parts, registry, gate, () => service.worker.nudge()),
    },
  ];
}

function distributed(parts: GatewayParts): Provider[] {
  const { config, logger, store, metrics } = parts;
  return [
    { provide: Jobs, inject: [SubmitJob], useFactory: (submitJob: SubmitJob<EntityManager>) => new Jobs(submitJob) },
    {
      provide: BROKER,
      inject: [EventHub, EventFeed],
      useFactory: (hub: EventHub, feed: EventFeed) => {
        const gap = () => {
          hub.wakeAll();
          void feed.refresh();
        };
        const broker = createBroker(config, { changes: wakes(hub, feed), gap }, logger, metrics);
        store.tell((jobIds) => broker.changes.tell(jobIds));
        return { broker };
      },
    },
    {
      provide: Interest,
      inject: [BROKER],
      useFactory: ({ broker }: { broker: GatewayBroker }) => new Interest((wanted) => broker.changed.listen(wanted)),
    },
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
      inject: [HandlerRegistry, Admission, OutboxRelay],
      useFactory: (registry: HandlerRegistry, gate: Admission, relay: OutboxRelay) => submitJobOf(parts, registry, gate, (job) => relay.publishNow(job)),
    },
    {
      provide: GatewayService,
      inject: [BROKER, OutboxRelay, SubmitJob, Admission],
      useFactory: ({ broker }: { broker: GatewayBroker }, relay: OutboxRelay, submit: SubmitJob, gate: Admission) =>
        new DistributedService(config, logger, store, broker, relay, submit, gate, metrics),
    },
  ];
}
