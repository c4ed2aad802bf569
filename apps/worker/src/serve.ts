import 'reflect-metadata';
import { channelVariables, notificationsConfig, ownKinds } from '@app/notifications';
import {
  Certificate,
  createLogger,
  createWorkerBroker,
  Environment,
  loadConfig,
  loadDebugKinds,
  NestLogger,
  runProcess,
  Store,
  warnOfQueues,
  warnOfSlips,
  WorkerHost,
  WorkerService,
} from '@app/host';
import { HandlerRegistry, rememberRules } from '@app/sdk';
import { storageConfig } from '@app/storage';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { serveHealth } from './health-server.js';
import { createMetrics, showState } from './metrics.js';
import { workerConfig } from './worker.config.js';
import { WorkerLifecycle } from './worker.lifecycle.js';
import { WorkerModule } from './worker.module.js';

await runProcess(async () => {
  rememberRules();
  const config = workerConfig(process.env);
  const notifications = notificationsConfig(new Environment(process.env));
  const storage = storageConfig(process.env);
  const loaded = await loadConfig(process.env);
  const logger = createLogger('worker', config.logLevel, loaded.name, config.redaction);
  warnOfSlips(process.env, logger, channelVariables);
  const store = await Store.open(config, 'longhaul worker', logger);
  const debugKinds = config.debugKinds ? await loadDebugKinds(store.dataSource) : [];
  const project = { ...loaded, others: debugKinds };
  const kinds = [...project.jobs, ...ownKinds, ...debugKinds];
  const metrics = createMetrics(kinds);
  const broker = createWorkerBroker(config, store, logger, metrics, (queue) => app.get(WorkerService).inbox.credit(queue));
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(
    WorkerModule.of({ config, project, kinds, notifications, storage, logger, store, broker, metrics }),
    {
      strategy: broker.transport,
      logger: new NestLogger(logger),
      abortOnError: false,
    },
  );
  const registry = app.get(HandlerRegistry);
  await app.listen();
  const worker = app.get(WorkerService);
  const queues = registry.queues();
  warnOfQueues(config.queues, [...queues, ...(await store.queues.all()).map(({ name }) => name)], logger);
  showState(metrics, { store, broker, host: app.get(WorkerHost), ready: () => worker.ready });
  const certificate = config.tls ? new Certificate(config.tls, logger) : undefined;
  const health = await serveHealth(worker, metrics, config.web.hosts, { host: config.host, port: config.workerPort, certificate });
  logger.info({ health: health.address(), tls: certificate !== undefined }, 'the worker has started');
  void worker.whenUp().then(() => logger.info({ health: health.address(), concurrency: config.concurrency }, 'the worker is up'));
  return {
    logger,
    metrics,
    stop: async () => {
      // Nest would close the transport first, and acknowledgements of what still runs would be lost.
      await app.get(WorkerLifecycle).drain();
      await app.close();
      health.close();
    },
  };
});
