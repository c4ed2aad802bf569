import 'reflect-metadata';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Backlogs } from '@app/core';
import { FakeWakeUp } from '@app/core/testing';
import { createLogger, createWorkerBroker, Environment, kindsOf, PrometheusMetrics, Store, WorkerService } from '@app/host';
import { notificationsConfig, ownKinds } from '@app/notifications';
import { HandlerRegistry, Jobs } from '@app/sdk';
import { storageConfig } from '@app/storage';
import { Test } from '@nestjs/testing';
import { DeliveriesController } from './deliveries.controller.js';
import { IsolatedModule } from './isolated.module.js';
import { workerConfig } from './worker.config.js';
import { WorkerModule } from './worker.module.js';

const values = { FILES_DIR: join(tmpdir(), 'longhaul-worker-module') };
const logger = createLogger('test', 'silent');
/** Nothing is asked of it: only started processes use their store. */
const store = Object.assign(Object.create(Store.prototype) as Store, {
  tell: () => undefined,
  attempts: {},
  backlogs: new Backlogs(),
  paused: { listen: () => undefined },
  webhookEndpoints: { requireKeys: async () => undefined },
});

function parts() {
  const config = workerConfig(values);
  const metrics = new PrometheusMetrics(kindsOf(ownKinds));
  return {
    config,
    logger,
    store,
    metrics,
    broker: createWorkerBroker(config, store, logger, metrics, () => 0),
    project: { path: 'longhaul.config.js', jobs: [], imports: [], providers: [], others: [] },
    kinds: ownKinds,
    notifications: notificationsConfig(new Environment(values)),
    storage: storageConfig(values),
  };
}

describe('the module of a worker', () => {
  test('has everything that it needs, and the handlers of its own kinds', async () => {
    const module = await Test.createTestingModule({ imports: [WorkerModule.of(parts())] }).compile();
    expect(module.get(WorkerService).ready).toBe(false);
    expect(module.get(Jobs)).toBeInstanceOf(Jobs);
    expect(module.get(HandlerRegistry).missing()).toEqual([]);
  });

  test('hands each message to the inbox of the worker', async () => {
    const received: unknown[] = [];
    const module = await Test.createTestingModule({ imports: [WorkerModule.of(parts())] })
      .overrideProvider(WorkerService)
      .useValue({ inbox: { receive: (message: unknown) => received.push(message) } })
      .compile();
    const message = new FakeWakeUp(['01890000-0000-7000-8000-000000000000']);
    module.get(DeliveriesController).handle(message);
    expect(received).toEqual([message]);
  });
});

describe('the module of a child process', () => {
  test('gives handlers what they have in a worker', async () => {
    const module = await Test.createTestingModule({ imports: [IsolatedModule.of(parts())] }).compile();
    expect(module.get(Jobs)).toBeInstanceOf(Jobs);
    expect(module.get(HandlerRegistry).missing()).toEqual([]);
  });
});
