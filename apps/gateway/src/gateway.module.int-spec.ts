import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KindList, QueueList } from '@app/contracts';
import { type JsonText, SubmitJob } from '@app/core';
import { createLogger, Environment, kindsOf, PrometheusMetrics, Store } from '@app/host';
import { notificationsConfig, ownKinds } from '@app/notifications';
import { JobHandler } from '@app/sdk';
import { storageConfig } from '@app/storage';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test, type TestingModule } from '@nestjs/testing';
import { IsInt } from 'class-validator';
import { freshDatabase, type FreshDatabase } from '../../../test/support/index.js';
import { gatewayConfig } from './gateway.config.js';
import { GatewayModule } from './gateway.module.js';
import { DistributedService } from './modes/distributed/distributed.service.js';
import { GatewayService } from './modes/gateway.service.js';
import { SingleProcessService } from './modes/single-process/single-process.service.js';

class DoublePayload {
  @IsInt() value!: number;
}

@JobHandler({ kind: 'number.double', payload: DoublePayload })
class DoubleJob {
  async run({ value }: DoublePayload): Promise<{ value: number }> {
    return { value: 2 * value };
  }
}

const kinds = [DoubleJob, ...ownKinds];
let database: FreshDatabase;
let directory: string;
let opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  directory = await mkdtemp(join(tmpdir(), 'longhaul-gateway-'));
});
afterEach(async () => {
  for (const each of opened.reverse()) await each.close();
  opened = [];
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

/** The module of a gateway, as `serve.ts` makes it. */
async function compiled(broker: 'none' | 'rabbitmq'): Promise<TestingModule> {
  const values = { DATABASE_URL: database.url, LONGHAUL_BROKER: broker, AMQP_URL: 'amqp://127.0.0.1:1', FILES_DIR: directory };
  const config = gatewayConfig(values);
  const logger = createLogger('test', 'silent');
  const store = await Store.open(config, 'longhaul test', logger);
  opened.push(store);
  const project = { path: 'longhaul.config.js', jobs: [DoubleJob], imports: [], providers: [], others: [] };
  const notifications = notificationsConfig(new Environment(values));
  const metrics = new PrometheusMetrics(kindsOf(kinds));
  const module = GatewayModule.of({ config, project, kinds, notifications, storage: storageConfig(values), logger, store, metrics });
  return Test.createTestingModule({ imports: [module] }).compile();
}

describe('the module of a gateway', () => {
  test('in single-process mode answers, runs what is submitted, and ends', async () => {
    const app = (await compiled('none')).createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    opened.push(app);
    app.useWebSocketAdapter(new WsAdapter(app));
    expect(app.get(GatewayService)).toBeInstanceOf(SingleProcessService);
    await app.get(Store).queues.ensure(['default']);
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const get = async <Body>(path: string, headers = {}): Promise<Body> => (await (await fetch(`${url}${path}`, { headers })).json()) as Body;

    expect((await get<KindList>('/kinds')).items).toMatchObject([{ kind: 'number.double' }]);
    expect((await get<QueueList>('/queues')).items.map(({ name }) => name)).toEqual(['default']);
    const { job } = await app.get(SubmitJob).submit({ kind: 'number.double', payload: { value: 21 }, payloadText: '{"value":21}' as JsonText });
    expect(await get(`/jobs/${job.id}`, { prefer: 'wait=10' })).toMatchObject({ state: 'succeeded', result: { value: 42 } });
  });

  test('in distributed mode has everything that it needs', async () => {
    const module = await compiled('rabbitmq');
    expect(module.get(GatewayService)).toBeInstanceOf(DistributedService);
  });
});
