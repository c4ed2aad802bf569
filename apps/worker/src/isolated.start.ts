import 'reflect-metadata';
import { createLogger, discreetHandlers, Environment, loadConfig, loadDebugKinds, NestLogger, runtimeConfig, Store } from '@app/host';
import { noMetrics } from '@app/core';
import { notificationsConfig, ownKinds } from '@app/notifications';
import { serveIsolated, tieToWorker } from '@app/isolation';
import { HandlerRegistry } from '@app/sdk';
import { storageConfig } from '@app/storage';
import { NestFactory } from '@nestjs/core';
import { IsolatedModule } from './isolated.module.js';

/** The sizes of the connection pools. One job at a time needs few connections. */
const POOLS = { handlers: 4, protocol: 2 };

/** Boots the catalogue as a worker does, but without queue, lease and heartbeat. */
export async function start(kind: string, memoryMb: number, configPath: string): Promise<void> {
  process.title = `longhaul isolated ${kind}`;
  const environment = new Environment(process.env);
  const config = runtimeConfig(environment);
  tieToWorker(memoryMb, config.leaseSeconds);
  const loaded = await loadConfig({ LONGHAUL_CONFIG: configPath });
  const logger = createLogger('isolated', config.logLevel, loaded.name, config.redaction);
  // An unhandled rejection of a job that has ended must not fail the next job.
  process.on('unhandledRejection', (error) => logger.error({ err: error }, 'a rejection that nobody handled'));
  const debugKinds = config.debugKinds ? await loadDebugKinds() : [];
  const project = { ...loaded, others: debugKinds };
  const store = await Store.open({ ...config, poolSize: Math.min(config.poolSize, POOLS.handlers) }, 'longhaul isolated', logger, {
    protocolPool: POOLS.protocol,
    publishes: false,
  });
  const module = IsolatedModule.of({
    config,
    logger,
    store,
    metrics: noMetrics,
    project,
    kinds: [...project.jobs, ...ownKinds, ...debugKinds],
    notifications: notificationsConfig(environment),
    storage: storageConfig(process.env),
  });
  const app = await NestFactory.createApplicationContext(module, {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  const registry = app.get(HandlerRegistry);
  serveIsolated(
    {
      handlers: discreetHandlers(registry, config.redaction),
      store: store.attempts,
      transactions: store.transactions,
      time: store.time,
      logger,
      resultMaxBytes: config.resultMaxBytes,
      close: () => app.close(),
    },
    memoryMb,
  );
}
