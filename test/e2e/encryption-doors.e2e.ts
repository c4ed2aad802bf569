// Ring 2: .ci/run runs this file.
import { randomBytes } from 'node:crypto';
import { type ChannelModel, type ConfirmChannel, connect, type ConsumeMessage } from 'amqplib';
import WebSocket from 'ws';
import type { JobView, Problem } from '@app/contracts';
import { type SmtpReceiver, smtpReceiver } from '../support/smtp-receiver.js';
import { canary, describeWithBroker, longhaul, type Stack, startStack, tablesWith, waitFor, type WebhookReceiver, webhookReceiver } from '../support/index.js';

const CANARY = canary();
const BATCH = 100;

/** Every door through which a job comes, and every way by which its outcome goes, in an installation whose database shows nothing of either. */
describeWithBroker('of jobs whose payloads and results are encrypted', () => {
  let stack: Stack;
  let receiver: WebhookReceiver;
  let smtp: SmtpReceiver;
  let connection: ChannelModel;
  let channel: ConfirmChannel;
  let replyQueue: string;
  const replies: ConsumeMessage[] = [];
  const outcomes: ConsumeMessage[] = [];
  let made = 0;
  const secret = () => `${CANARY} ${made++}`;

  beforeAll(async () => {
    [receiver, smtp] = await Promise.all([webhookReceiver(), smtpReceiver()]);
    const encrypted = { ENCRYPT_PAYLOADS: 'all', LONGHAUL_SECRET_KEYS: `2026-11:${randomBytes(32).toString('base64')}` };
    const told = { SMTP_URL: smtp.url, EMAIL_FROM: 'jobs@example.com', PUBLIC_URL: 'https://jobs.example.com', WEBHOOK_ALLOW_HOSTS: '127.0.0.1' };
    stack = await startStack({
      mode: 'distributed',
      env: { ...encrypted, ...told, REPLY_QUEUES: 'amq.gen-*', LOG_LEVEL: 'warn', ADMISSION_EVENT_LOOP_MS: '0' },
    });
    connection = await connect(stack.amqpUrl);
    channel = await connection.createConfirmChannel();
    replyQueue = (await channel.assertQueue('', { exclusive: true })).queue;
    await channel.consume(replyQueue, (message) => message && replies.push(message), { noAck: true });
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, 'longhaul.events', '#');
    await channel.consume(queue, (message) => message && outcomes.push(message), { noAck: true });
  }, 240_000);
  // What stays is what a backup has.
  afterEach(async () => {
    expect(await tablesWith(stack, CANARY)).toEqual([]);
  });
  afterAll(async () => {
    await connection.close();
    await stack.stop();
    await Promise.all([receiver.close(), smtp.close()]);
  });

  async function send(kind: string, payload: unknown): Promise<string> {
    const messageId = `message-${String(made++)}`;
    const properties = { contentType: 'application/json', persistent: true, messageId, correlationId: messageId, replyTo: replyQueue };
    channel.publish('longhaul.submit', kind, Buffer.from(JSON.stringify(payload)), properties);
    await channel.waitForConfirms();
    return messageId;
  }
  const replyTo = (correlationId: string) =>
    waitFor(`the reply to ${correlationId}`, () => {
      const message = replies.find(({ properties }) => properties.correlationId === correlationId);
      return message && (JSON.parse(message.content.toString()) as JobView & Problem);
    });

  test('a submission over AMQP runs with its payload, and its reply and its outcome event have the result', async () => {
    const value = secret();
    const body = await replyTo(await send('debug.echo', { value }));
    expect(body).toMatchObject({ state: 'succeeded', result: { value } });
    const event = await waitFor('its event', () => outcomes.map(({ content }) => JSON.parse(content.toString()) as JobView).find(({ id }) => id === body.id));
    expect(event).toMatchObject({ state: 'succeeded', result: { value } });
    expect((await stack.api.call('GET', `/jobs/${body.id}`)).body).toMatchObject({ payload: { value } });
  });

  test('a message that is refused is answered, is kept with its bytes, and becomes a job by them', async () => {
    const value = secret();
    const messageId = await send('debug.eco', { value });
    expect(await replyTo(messageId)).toMatchObject({ type: '/problems/unknown-kind' });
    const letter = await waitFor('its letter', async () => (await stack.api.deadLetters('?source=message')).find((each) => each.messageId === messageId));
    const bytes = await fetch(`${stack.api.url}/dead-letters/${letter.id}/body`);
    expect(await bytes.json()).toEqual({ value });
    const { body } = await stack.api.call<{ jobId: string }>('POST', `/dead-letters/${letter.id}/redrive`, { kind: 'debug.echo' });
    expect((await stack.api.waitForState(body.jobId, 'succeeded')).result).toEqual({ value });
  });

  test('webhooks of a callback and of an endpoint have the result, each verified by its secret, and a replay has the same', async () => {
    const { body: endpoint } = await stack.api.call<{ id: string; secret: string }>('POST', '/webhooks/endpoints', {
      url: `${receiver.url}/endpoint`,
      kinds: ['debug.echo'],
    });
    receiver.secrets = [endpoint.secret, (await longhaul(['webhook-secret'], stack.env)).out.trim()];
    const value = secret();
    const id = await stack.api.accepted('debug.echo', { value }, { callbackUrl: `${receiver.url}/callback` });
    const both = await waitFor('both', () => (receiver.of(id).length === 2 ? receiver.of(id) : undefined));
    expect(both.map(({ path }) => path).sort()).toEqual(['/callback', '/endpoint']);
    for (const { body, verifiedBy } of both) {
      expect(body.data.result).toEqual({ value });
      expect(verifiedBy).toHaveLength(1);
    }
    await waitFor('their ends', async () => (await deliveriesOf(id)).every(({ state }) => state === 'succeeded'));
    const [delivery] = await deliveriesOf(id);
    expect((await stack.api.call('POST', `/webhooks/deliveries/${String(delivery?.id)}/replay`)).status).toBe(202);
    const third = await waitFor('the replay', () => receiver.of(id)[2]);
    expect([third.body.data.result, third.verifiedBy.length]).toEqual([{ value }, 1]);
    await stack.api.call('DELETE', `/webhooks/endpoints/${endpoint.id}`);
  });
  const deliveriesOf = async (job: string) =>
    (await stack.api.call<{ items: { id: string; state: string; jobId: string }[] }>('GET', `/webhooks/deliveries?job=${job}`)).body.items;

  test('an e-mail tells whoever asked for it', async () => {
    const id = await stack.api.accepted('debug.echo', { value: secret() }, { notifyEmail: 'ada@example.org' });
    const mail = await waitFor('the e-mail', () => smtp.mails.find(({ text }) => text?.includes(id)));
    expect([mail.subject, mail.to]).toMatchObject(['debug.echo has succeeded', { text: 'ada@example.org' }]);
  });

  test('a hundred in one batch each run with their own payload, and a repeat of the batch makes none', async () => {
    const values = Array.from({ length: BATCH }, secret);
    const jobs = values.map((value) => ({ kind: 'debug.echo', payload: { value }, options: { tags: ['batch'] } }));
    const post = () => stack.api.call<{ jobs: { id: string }[] }>('POST', '/jobs/batch', { jobs }, { 'idempotency-key': 'one-batch' });
    const [{ status, body }, again] = [await post(), await post()];
    expect([status, again.status, again.body.jobs.map(({ id }) => id)]).toEqual([202, 202, body.jobs.map(({ id }) => id)]);
    const ended = await waitFor('their end', async () => {
      const { items } = (await stack.api.call<{ items: JobView[] }>('GET', '/jobs?tag=batch&state=succeeded&limit=200')).body;
      return items.length === BATCH ? items : undefined;
    });
    const resultOf = new Map(ended.map(({ id, result }) => [id, result]));
    expect(body.jobs.map(({ id }) => resultOf.get(id))).toEqual(values.map((value) => ({ value })));
  });

  test('of those with one unique key the oldest stays with its payload, or the newest takes its place with its own', async () => {
    const submit = (value: string, unique: object) => stack.api.submit('debug.echo', { value }, { unique, delay: '1h' });
    const ran = async (id: string) => {
      await stack.api.call('POST', `/jobs/${id}/start`);
      return (await stack.api.waitForState(id, 'succeeded')).result;
    };
    const [first, second, third, fourth] = [secret(), secret(), secret(), secret()];
    const oldest = await submit(first, { key: 'oldest' });
    expect((await submit(second, { key: 'oldest' })).body.id).toBe(oldest.body.id);
    expect(await ran(oldest.body.id)).toEqual({ value: first });
    const replaced = await submit(third, { key: 'newest', keep: 'newest' });
    const newest = await submit(fourth, { key: 'newest', keep: 'newest' });
    expect(await stack.api.waitForState(replaced.body.id, 'cancelled')).toMatchObject({ id: replaced.body.id });
    expect(await ran(newest.body.id)).toEqual({ value: fourth });
  });

  test('a schedule makes its jobs with its payload, and an act on many counts and puts back what it is asked to', async () => {
    const value = secret();
    await stack.api.call('PUT', '/schedules/nightly', { kind: 'debug.echo', payload: { value }, spec: { every: '1d' } });
    const { body } = await stack.api.call<{ jobId: string }>('POST', '/schedules/nightly/trigger');
    expect((await stack.api.waitForState(body.jobId, 'succeeded')).result).toEqual({ value });
    const failing = await stack.api.submit('debug.fail', { message: 'no', retryable: false }, { tags: ['again'] });
    await stack.api.waitForState(failing.body.id, 'failed');
    const act = await stack.api.call<{ id: string }>('POST', '/jobs/redrive', { filter: { tag: 'again' } });
    expect((await stack.api.waitForState(act.body.id, 'succeeded')).result).toEqual({ matched: 1, changed: 1 });
    expect(await stack.query('SELECT redrives FROM jobs WHERE id = $1', [failing.body.id])).toEqual([{ redrives: 1 }]);
  });

  test('a search by payload is refused, whoever asks and however', async () => {
    const query = `?kind=debug.echo&payload=${encodeURIComponent(JSON.stringify({ value: CANARY }))}`;
    expect((await stack.api.call<Problem>('GET', `/jobs${query}`)).body.type).toBe('/problems/not-searchable');
    for (const dryRun of [true, false]) {
      const act = await stack.api.call<Problem>('POST', '/jobs/cancel', { filter: { kind: 'debug.echo', payload: { value: CANARY } }, dryRun });
      expect([act.status, act.body]).toMatchObject([422, { type: '/problems/not-searchable', errors: [{ pointer: '/filter/payload' }] }]);
    }
    const env = { ...stack.env, LONGHAUL_URL: stack.gateway.url };
    expect((await longhaul(['list', '--kind', 'debug.echo', '--payload', `{"value":"${CANARY}"}`], env)).code).toBe(4);
  });

  test('a stream, a WebSocket, the command line, a page for people and a status link show the result', async () => {
    const value = secret();
    const { body: job } = await stack.api.submit('debug.sleep', { ms: 1_500 });
    const socket = new WebSocket(`${stack.gateway.url.replace('http', 'ws')}/ws`);
    const frames: string[] = [];
    socket.on('message', (data: Buffer) => frames.push(data.toString()));
    await new Promise((resolve) => socket.once('open', resolve));
    const { body: echo } = await stack.api.submit('debug.echo', { value }, { delay: '1s' });
    socket.send(JSON.stringify({ event: 'subscribe', data: { job: echo.id } }));
    const told = await (await fetch(`${stack.api.url}/jobs/${echo.id}/events`)).text();
    expect(told).toContain(value);
    await waitFor('the frame of its end', () => frames.find((frame) => frame.includes(value)));
    socket.close();
    expect((await longhaul(['get', echo.id, '--json'], { ...stack.env, LONGHAUL_URL: stack.gateway.url })).out).toContain(value);
    expect(await (await fetch(`${stack.api.url}/jobs/${echo.id}`, { headers: { accept: 'text/html' } })).text()).toContain(value);
    const link = await stack.api.call<{ statusUrl: string }>('POST', `/jobs/${echo.id}/links`, { shows: ['result'] });
    const path = new URL(link.body.statusUrl).pathname;
    expect(await (await fetch(`${stack.api.url}${path}/result`)).json()).toEqual({ value });
    await stack.api.waitForState(job.id, 'succeeded');
  });
});
