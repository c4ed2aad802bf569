// Ring 2: .ci/run runs this file.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  type Account,
  type App,
  Api,
  describeWithControl,
  freshAccount,
  freshDatabase,
  type FreshDatabase,
  freshVhost,
  type FreshVhost,
  rawHttp,
  rabbitmqctl,
  spawnApp,
  waitFor,
} from '../support/index.js';
import { testServices } from '../support/services.mjs';

const ALL = { configure: '.*', write: '.*', read: '.*' };

interface Ready {
  status: string;
  broker?: string;
  reason?: string;
}

describeWithControl('a gateway and a worker that RabbitMQ has never let in', () => {
  let database: FreshDatabase;
  let vhost: FreshVhost;
  let account: Account;
  let gateway: App;
  let worker: App;
  beforeAll(async () => {
    [database, vhost, account] = [await freshDatabase(), await freshVhost(), await freshAccount()];
    const env = { DATABASE_URL: database.url, AMQP_URL: account.url(vhost.name) };
    [gateway, worker] = await Promise.all([spawnApp('gateway', env, { waitUntilReady: false }), spawnApp('worker', env, { waitUntilReady: false })]);
  });
  afterAll(async () => {
    await Promise.all([gateway, worker].map((app) => app.stop()));
    await account.drop();
    await vhost.drop();
    await database.drop();
  });

  const messages = (app: App) => app.logs().flatMap((line) => (line.startsWith('{') ? [(JSON.parse(line) as { msg: string }).msg] : []));
  const ready = (app: App) => new Api(app.url).call<Ready>('GET', '/health/ready');
  const tries = async (app: App) => {
    const text = await (await fetch(`${app.url}/metrics`)).text();
    return Math.max(0, ...[...text.matchAll(/^longhaul_amqp_connection_failures_total\{connection="consume"\} (\d+)/gm)].map(([, count]) => Number(count)));
  };

  test('are not ready, say why in its own words, and tell the log once (C24)', async () => {
    const expected = new RegExp(`^expected "${account.name}" to have access .* got: NOT_ALLOWED - access to vhost .* refused for user`);
    for (const app of [gateway, worker]) {
      const { status, body } = await waitFor(
        `the reason of ${app.name}`,
        async () => {
          const answer = await ready(app);
          return answer.body.reason?.startsWith('expected') === true && answer;
        },
        { timeoutMs: 90_000 },
      );
      expect(status).toBe(503);
      expect(body).toMatchObject({ status: app === gateway ? 'unavailable' : 'not ready', reason: expect.stringMatching(expected) as string });
      await waitFor('more tries', async () => (await tries(app)) >= 3, { timeoutMs: 90_000 });
      expect(messages(app).filter((message) => message.includes('NOT_ALLOWED'))).toHaveLength(1);
      expect(messages(app).filter((message) => message.endsWith(' is up'))).toEqual([]);
    }
  }, 180_000);

  test('do not tell a page that asks by a name of its own (C24)', async () => {
    for (const app of [gateway, worker]) {
      const answer = await rawHttp(app.url, Buffer.from('GET /health/ready HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'), { end: false });
      expect(answer?.status).toBe(503);
      expect(answer?.body.toString()).not.toMatch(/reason|lh_test/);
    }
  });

  test('accept and, once it lets them in, are up and run what was accepted (C24)', async () => {
    const api = new Api(gateway.url);
    const id = await api.accepted('debug.echo', { value: 1 });
    await account.allow(vhost.name, ALL);
    await Promise.all([gateway.ready(), worker.ready()]);
    for (const app of [gateway, worker]) await waitFor('it to say so', () => messages(app).some((message) => message.endsWith(' is up')));
    expect((await ready(gateway)).body.reason).toBeUndefined();
    await api.waitForState(id, 'succeeded');
  }, 180_000);
});

describeWithControl('npm start', () => {
  test('makes the virtual host that AMQP_URL names, with its user in it, where it may (C24)', async () => {
    const vhost = await freshVhost();
    await vhost.drop();
    const lib = new URL('../../tools/lib/', import.meta.url).href;
    const script = `
      const { requireRabbitMq } = await import('${lib}rabbitmq-probe.mjs');
      const { makeVhost } = await import('${lib}rabbitmq-control.mjs');
      await requireRabbitMq(process.env.AMQP_URL, 'AMQP_URL', () => makeVhost(process.env.AMQP_URL));`;
    const env = { ...process.env, AMQP_URL: vhost.url, NODE_OPTIONS: '', RABBITMQCTL: testServices().rabbitmqctl };
    const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env });
    expect(stderr).toBe(`longhaul: made the vhost ${vhost.name}\n`);
    expect(await rabbitmqctl('list_permissions', '-p', vhost.name)).toMatch(/\.\*\s+\.\*\s+\.\*/);
    await vhost.drop();
  });
});
