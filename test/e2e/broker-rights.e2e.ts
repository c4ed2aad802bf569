// Ring 2: .ci/run runs this file.
import { readFileSync } from 'node:fs';
import type { DoctorView, JobView } from '@app/contracts';
import { type Channel, type ChannelModel, connect, type ConsumeMessage } from 'amqplib';
import {
  type Account,
  Api,
  type App,
  describeWithControl,
  freshAccount,
  freshDatabase,
  type FreshDatabase,
  freshVhost,
  type FreshVhost,
  rabbitmqctl,
  spawnApp,
  waitFor,
} from '../support/index.js';
import type { Rights } from '../support/services.mjs';

const DOCS = readFileSync(new URL('../../docs/operate/rabbitmq.md', import.meta.url), 'utf8');

/** What docs/operate/rabbitmq.md gives an account: its first line is the least rights, its second those without `configure`. */
function documented(account: string, line = 0): Rights {
  const match = [...DOCS.matchAll(/^rabbitmqctl set_permissions -p orders (\S+)\s+'(.*?)' '(.*?)' '(.*?)'$/gm)].filter(([, name]) => name === account)[line];
  if (!match) throw new Error(`expected rights of ${account} in the documentation, got none`);
  const [, , configure = '', write = '', read = ''] = match;
  return { configure, write, read };
}

interface Definitions {
  exchanges: { name: string; type: string }[];
  queues: { name: string; arguments: Record<string, unknown> }[];
  bindings: { source: string; destination: string; routing_key: string }[];
}

const DEFINITIONS = JSON.parse(/```json\n(.*?)```/s.exec(DOCS)?.[1] ?? '') as Definitions;

/** A Longhaul whose gateway and worker have accounts of their own. */
class Guarded {
  database!: FreshDatabase;
  vhost!: FreshVhost;
  gateway!: App;
  worker!: App;
  api!: Api;
  private readonly accounts: Account[] = [];
  private readonly connections: ChannelModel[] = [];

  async open(): Promise<void> {
    [this.database, this.vhost] = await Promise.all([freshDatabase(), freshVhost()]);
  }

  async start(app: 'gateway' | 'worker', rights: Rights, ready = true): Promise<void> {
    const env = { DATABASE_URL: this.database.url, AMQP_URL: await this.urlOf(rights) };
    this[app] = await spawnApp(app, env, { waitUntilReady: ready });
    if (app === 'gateway') this.api = new Api(this.gateway.url);
  }

  async channelOf(rights: Rights): Promise<Channel> {
    return this.channel(await this.urlOf(rights));
  }

  async channel(url: string): Promise<Channel> {
    const connection = await connect(url);
    connection.on('error', () => undefined);
    this.connections.push(connection);
    return connection.createChannel();
  }

  private async urlOf(rights: Rights): Promise<string> {
    const account = await freshAccount();
    this.accounts.push(account);
    await account.allow(this.vhost.name, rights);
    return account.url(this.vhost.name);
  }

  /** The broker's log of this virtual host, as far as it refused something. */
  async refusals(): Promise<string[]> {
    const text = await rabbitmqctl(
      'eval',
      `[io:format("~s~n", [L]) || F <- rabbit:log_locations(), filelib:is_regular(F), {ok, B} <- [file:read_file(F)],
        L <- binary:split(B, <<"\\n">>, [global]), binary:match(L, <<"${this.vhost.name}">>) =/= nomatch, binary:match(L, <<"refused">>) =/= nomatch], ok.`,
    );
    return text.split('\n').filter((line) => line.includes(this.vhost.name));
  }

  logs(): string[] {
    return [...this.gateway.logs(), ...this.worker.logs()];
  }

  async close(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.close().catch(() => undefined)));
    await Promise.all([this.gateway, this.worker].map((app) => app.stop()));
    for (const account of this.accounts) await account.drop();
    await this.vhost.drop();
    await this.database.drop();
  }
}

/** Jobs over both doors, with retries, replies, dead letters and their redrive. */
async function runsJobs(longhaul: Guarded, producer: Channel): Promise<void> {
  const { api } = longhaul;
  expect((await api.submit('debug.echo', { value: 'http' }, undefined, { prefer: 'wait=20' })).body).toMatchObject({ state: 'succeeded' });

  const failing = await api.accepted('debug.fail', { message: 'no', times: 100 }, { maxAttempts: 2 });
  expect((await api.waitForState(failing, 'failed', 30_000)).attempt).toBe(2);
  const [letter] = await waitFor('its dead letter', async () => {
    const letters = await api.deadLetters('?source=job');
    return letters.length > 0 && letters;
  });
  expect((await api.call('POST', `/dead-letters/${String(letter?.id)}/redrive`, {})).status).toBe(202);
  await waitFor('it to run again', async () => (await api.job(failing)).state !== 'queued');

  const replies: ConsumeMessage[] = [];
  await producer.consume('amq.rabbitmq.reply-to', (message) => message && replies.push(message), { noAck: true });
  const publish = (kind: string, messageId: string) =>
    producer.publish('longhaul.submit', kind, Buffer.from('{"value":"amqp"}'), {
      contentType: 'application/json',
      persistent: true,
      messageId,
      replyTo: 'amq.rabbitmq.reply-to',
      correlationId: messageId,
    });
  publish('debug.echo', 'run me');
  publish('debug.nothing', 'refuse me');
  const replyTo = (id: string) =>
    waitFor(`the reply to "${id}"`, () => replies.find(({ properties }) => properties.correlationId === id), { timeoutMs: 90_000 });
  expect(JSON.parse((await replyTo('run me')).content.toString()) as JobView).toMatchObject({ state: 'succeeded', result: { value: 'amqp' } });
  expect((await replyTo('refuse me')).properties.type).toBe('refused');
  expect((await api.deadLetters('?reason=unknown_kind')).map(({ messageId }) => messageId)).toEqual(['refuse me']);
}

describeWithControl('accounts with the least rights that are documented', () => {
  const longhaul = new Guarded();
  beforeAll(async () => {
    await longhaul.open();
    await Promise.all([longhaul.start('gateway', documented('longhaul-gateway')), longhaul.start('worker', documented('longhaul-worker'))]);
  }, 180_000);
  afterAll(() => longhaul.close());

  test('run jobs over both doors, with retries, replies, redrives and events, and nothing is ever denied (C23)', async () => {
    const listener = await longhaul.channelOf(documented('listener'));
    await listener.assertQueue('app.outcomes', { exclusive: true });
    await listener.bindQueue('app.outcomes', 'longhaul.events', '#');
    const outcomes: string[] = [];
    await listener.consume('app.outcomes', (message) => message && outcomes.push(message.fields.routingKey), { noAck: true });

    await runsJobs(longhaul, await longhaul.channelOf(documented('producer')));
    await waitFor('the events', () => ['debug.echo.succeeded', 'debug.fail.failed'].every((key) => outcomes.includes(key)));

    // With a queue of its own, whose name the server gives.
    const caller = await longhaul.channelOf(documented('caller'));
    const { queue } = await caller.assertQueue('', { exclusive: true });
    const replies: ConsumeMessage[] = [];
    await caller.consume(queue, (message) => message && replies.push(message), { noAck: true });
    caller.publish('longhaul.submit', 'debug.echo', Buffer.from('{"value":1}'), { contentType: 'application/json', messageId: 'called', replyTo: queue });
    await waitFor('the reply', () => replies[0]);

    // The queue by which the gateway hears of changes has a name of ours.
    expect(await rabbitmqctl('list_queues', '-p', longhaul.vhost.name, 'name')).toMatch(/^longhaul\.own\.[0-9a-f-]{36}$/m);
    const stream = await fetch(`${longhaul.gateway.url}/jobs/${await longhaul.api.accepted('debug.echo', { value: 2 })}/events`);
    expect(await stream.text()).toContain('succeeded');

    expect(longhaul.logs().filter((line) => /ACCESS_REFUSED|ACCESS-REFUSED|denies/.test(line))).toEqual([]);
    expect(await longhaul.refusals()).toEqual([]);
  }, 120_000);
});

describeWithControl('accounts that may configure nothing, on a topology that an operator has declared', () => {
  const longhaul = new Guarded();
  let operator: Channel;
  beforeAll(async () => {
    await longhaul.open();
    operator = await longhaul.channel(longhaul.vhost.url);
    for (const { name, type } of DEFINITIONS.exchanges) await operator.assertExchange(name, type, { durable: true });
    for (const { name, arguments: args } of DEFINITIONS.queues)
      if (name !== 'longhaul.jobs.default') await operator.assertQueue(name, { durable: true, arguments: args });
    for (const { source, destination, routing_key: key } of DEFINITIONS.bindings)
      if (destination !== 'longhaul.jobs.default') await operator.bindQueue(destination, source, key);
  }, 180_000);
  afterAll(() => longhaul.close());

  async function declareJobQueue(queue: string): Promise<void> {
    const like = DEFINITIONS.queues.find(({ name }) => name === 'longhaul.jobs.default');
    await operator.assertQueue(`longhaul.jobs.${queue}`, { durable: true, arguments: like?.arguments });
    await operator.bindQueue(`longhaul.jobs.${queue}`, 'longhaul.jobs', queue);
  }

  test('say which queue is missing and how to make it, come up when it is there, and run jobs (C23)', async () => {
    await longhaul.start('gateway', documented('longhaul-gateway', 1));
    const { items: queues } = (await longhaul.api.call<{ items: { name: string }[] }>('GET', '/queues')).body;
    for (const { name } of queues) if (name !== 'default') await declareJobQueue(name);

    await longhaul.start('worker', documented('longhaul-worker', 1), false);
    const worker = new Api(longhaul.worker.url);
    const ready = await waitFor(
      'the worker to say what is missing',
      async () => {
        const { status, body } = await worker.call<{ reason?: string }>('GET', '/health/ready');
        return body.reason?.includes('longhaul.jobs.default') === true && { status, reason: body.reason };
      },
      { timeoutMs: 90_000 },
    );
    expect(ready.status).toBe(503);
    expect(ready.reason).toMatch(
      /expected the queue longhaul\.jobs\.default to exist, .*rabbitmqadmin declare queue name=longhaul\.jobs\.default durable=true arguments='\{"x-queue-type":"quorum",.*docs\/operate\/rabbitmq\.md/,
    );

    await declareJobQueue('default');
    await longhaul.worker.ready(40_000);
    await runsJobs(longhaul, await longhaul.channelOf(documented('producer')));
  }, 150_000);

  test('say once what they do without, and ask for nothing again that was denied (C23)', async () => {
    const warned = (app: App) => app.logs().filter((line) => line.includes('RabbitMQ denies this account a right'));
    expect(warned(longhaul.gateway)).toHaveLength(1);
    expect(warned(longhaul.gateway)[0]).toMatch(/longhaul\.own\.|longhaul\.changes/);
    expect(warned(longhaul.gateway)[0]).toContain('Without it waits (Prefer: wait) and streams here hear of jobs');
    expect(warned(longhaul.worker)).toEqual([expect.stringMatching(/longhaul\.own\..*Without it this worker hears of jobs that are cancelled/)]);
    const { body: doctor } = await longhaul.api.call<DoctorView>('GET', '/doctor');
    const denied = doctor.rules.find(({ code }) => code === 'broker_denies')?.found.map(({ message }) => message);
    expect(denied).toContainEqual(expect.stringContaining('Without it waits (Prefer: wait) and streams here hear of jobs'));
    // Each part once for each process: a declaration, and for a queue or binding nothing more.
    const { items: queues } = (await longhaul.api.call<{ items: { name: string }[] }>('GET', '/queues')).body;
    // A worker goes through the queues one after the other; the binding is what it asks for last.
    const before = await waitFor('each queue to have been asked for', async () => {
      const refusals = await longhaul.refusals();
      return queues.every(({ name }) => refusals.some((line) => line.includes('queue.bind') && line.includes(`'longhaul.jobs.${name}'`))) && refusals;
    });
    await longhaul.api.call('PUT', '/queues/default', {});
    expect((await longhaul.api.submit('debug.echo', { value: 'still' }, undefined, { prefer: 'wait=20' })).body.state).toBe('succeeded');
    expect(await longhaul.refusals()).toEqual(before);
    expect(before.length).toBeLessThan(50);
  }, 180_000);
});
