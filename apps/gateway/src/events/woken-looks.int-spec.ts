// Ring 3: npm run proofs runs this file.

import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KindList, LettersNow, LimitList, SchedulesNow } from '@app/contracts';
import { createLogger, Environment, kindsOf, PrometheusMetrics, Store } from '@app/host';
import { notificationsConfig, ownKinds } from '@app/notifications';
import { JobHandler } from '@app/sdk';
import { storageConfig } from '@app/storage';
import { Api, describeEachMode, freshDatabase, freshVhost, type Mode, SseReader, waitFor } from '../../../../test/support/index.js';
import { gatewayConfig } from '../gateway.config.js';
import { trackSilent } from '../http/silent-connections.js';
import { httpApp } from '../http-app.js';
import { GatewayService } from '../modes/gateway.service.js';
import { SharedLooks } from './shared-looks.js';

class NoPayload {}

@JobHandler({ kind: 'test.fail', payload: NoPayload, maxAttempts: 1 })
class FailJob {
  run(): Promise<void> {
    return Promise.reject(new Error('the bank is closed'));
  }
}

const kinds = [FailJob, ...ownKinds];

/** What the streams tell, by the names of their events. */
interface Told {
  schedules: SchedulesNow;
  kinds: KindList;
  limits: LimitList;
  'dead-letters': LettersNow;
}

/** Longer than any test: what is seen is seen because of a hint. */
const NEVER_MS = 3_600_000;

async function gateway(values: Record<string, string>): Promise<{ url: string; close: () => Promise<void> }> {
  const config = gatewayConfig(values);
  const logger = createLogger('test', 'silent');
  const store = await Store.open(config, 'longhaul test', logger);
  const metrics = new PrometheusMetrics(kindsOf(kinds));
  const project = { path: 'longhaul.config.js', jobs: [FailJob], imports: [], providers: [], others: [] };
  const notifications = notificationsConfig(new Environment(values));
  const app = await httpApp({ config, project, kinds, notifications, storage: storageConfig(values), logger, store, metrics });
  Object.assign(app.get(SharedLooks), { everyMs: NEVER_MS });
  await store.queues.ensure(['default']);
  const connections = trackSilent(app.getHttpServer(), 1_000);
  await app.listen(0, '127.0.0.1');
  // Without a connection no hint is told, and none is heard.
  await app.get(GatewayService).whenUp();
  return {
    url: await app.getUrl(),
    close: async () => {
      await connections.closing(() => app.close());
      await store.close();
    },
  };
}

/** Two gateways of one installation: what is done through the first is looked at through the second. */
async function two(mode: Mode) {
  const database = await freshDatabase();
  const vhost = mode === 'distributed' ? await freshVhost() : null;
  const directory = await mkdtemp(join(tmpdir(), 'longhaul-looks-'));
  const broker: Record<string, string> = vhost ? { LONGHAUL_BROKER: 'rabbitmq', AMQP_URL: vhost.url } : { LONGHAUL_BROKER: 'none' };
  const values = { DATABASE_URL: database.url, FILES_DIR: directory, DRAIN_SECONDS: '5', ...broker };
  const [here, there] = [await gateway(values), await gateway(values)];
  return {
    api: new Api(here.url),
    watched: there.url,
    close: async () => {
      await here.close();
      await there.close();
      await vhost?.drop();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

describeEachMode('what is changed through another gateway, %s', (mode) => {
  let installation: Awaited<ReturnType<typeof two>>;
  let streams: SseReader[] = [];
  beforeAll(async () => {
    installation = await two(mode);
  });
  afterEach(() => {
    for (const stream of streams) stream.close();
    streams = [];
  });
  afterAll(() => installation.close());

  /** The newest of a stream's events of a name, once there is one. */
  async function watch<Name extends keyof Told>(path: string, name: Name): Promise<() => Told[Name]> {
    const stream = await SseReader.open(installation.watched + path);
    streams.push(stream);
    const newest = () => stream.events.findLast(({ event }) => event === name)?.data as Told[Name] | undefined;
    await waitFor('what is there', () => newest() !== undefined);
    return () => newest() as Told[Name];
  }

  test('is told by the stream of schedules as soon as it is done', async () => {
    const seen = await watch('/streams/schedules', 'schedules');
    expect(seen().items).toEqual([]);
    const settings = { kind: 'test.fail', payload: {}, spec: { every: '1h' } };
    expect(await installation.api.call('PUT', '/schedules/nightly', settings)).toMatchObject({ status: 201 });
    await waitFor('the schedule', () => seen().items.length === 1);
    await installation.api.call('POST', '/schedules/nightly/pause', { by: 'ada' });
    await waitFor('that it is paused', () => seen().items[0]?.paused === true);
    await installation.api.call('POST', '/schedules/nightly/trigger');
    await waitFor('its tick', () => seen().items[0]?.ticks.length === 1);
  });

  test('is told beside the figures as soon as it is done', async () => {
    const seenKinds = await watch('/stats/stream?with=kinds', 'kinds');
    const seenLimits = await watch('/stats/stream?with=limits', 'limits');
    await installation.api.call('POST', '/kinds/test.fail/pause', { by: 'ada' });
    await waitFor('that the kind is paused', () => seenKinds().items.some(({ kind, paused }) => kind === 'test.fail' && paused));
    await installation.api.call('PUT', '/limits/bank', { match: { kind: 'test.fail' }, concurrency: 1 });
    await waitFor('the limit', () => seenLimits().items.some(({ name }) => name === 'bank'));
    await installation.api.call('DELETE', '/limits/bank');
    await installation.api.call('POST', '/kinds/test.fail/resume');
    await waitFor('neither', () => seenLimits().items.length === 0 && seenKinds().items.every(({ paused }) => !paused));
  });

  // In the other mode a gateway runs nothing.
  if (mode === 'single-process')
    test('is told by the stream of dead letters as soon as a job has failed', async () => {
      const seen = await watch('/streams/dead-letters?letters=true', 'dead-letters');
      await installation.api.submit('test.fail', {});
      await waitFor('the dead letter', () => seen().letters?.items.length === 1 && seen().groups.items.length === 1);
    });
});
