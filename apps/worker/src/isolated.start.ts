import 'reflect-metadata';
import { createLogger, Environment, loadConfig, loadDebugKinds, NestLogger, runtimeConfig, Store } from '@app/host';
import { serveIsolated, tieToWorker } from '@app/isolation';
import { HandlerRegistry } from '@app/sdk';
import { NestFactory } from '@nestjs/core';
import { IsolatedModule } from './isolated.module.js';

/** One job at a time needs few connections: of its handler, and of the protocol. */
const POOLS = { handlers: 4, protocol: 2 };

/** Boots the catalogue as a worker does, without what makes a worker: no queue, no lease, no heartbeat. */
export async function start(kind: string, memoryMb: number, configPath: string): Promise<void> {
  process.title = `longhaul isolated ${kind}`;
  const config = runtimeConfig(new Environment(process.env));
  tieToWorker(memoryMb, config.leaseSeconds);
  const logger = createLogger('isolated', config.logLevel);
  // A stray rejection of a job that has ended must not fail the next one.
  process.on('unhandledRejection', (error) => logger.error({ err: error }, 'a rejection that nobody handled'));
  const project = await loadConfig({ LONGHAUL_CONFIG: configPath });
  const debugKinds = config.debugKinds ? await loadDebugKinds() : [];
  const store = await Store.open({ ...config, poolSize: Math.min(config.poolSize, POOLS.handlers) }, 'longhaul isolated', logger, {
    protocolPool: POOLS.protocol,
    publishes: false,
  });
  const app = await NestFactory.createApplicationContext(IsolatedModule.of(project, debugKinds, store, logger), {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  const close = async () => {
    await app.close();
    await store.close();
  };
  serveIsolated(
    {
      handlers: app.get(HandlerRegistry),
      store: store.attempts,
      transactions: store.transactions,
      time: store.time,
      logger,
      resultMaxBytes: config.resultMaxBytes,
      close,
    },
    memoryMb,
  );
}
