import { type Channel, type ChannelModel, connect, type ConsumeMessage, type Options } from 'amqplib';
import type { JobView } from '@app/contracts';
import { describeWithBroker, type Stack, startStack, waitFor } from '../support/index.js';

describeWithBroker('the AMQP door', () => {
  let stack: Stack;
  let connection: ChannelModel;
  let channel: Channel;
  const events: ConsumeMessage[] = [];

  beforeAll(async () => {
    stack = await startStack({ mode: 'distributed', env: { QUEUES: 'other' } });
    connection = await connect(stack.amqpUrl);
    channel = await connection.createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, 'longhaul.events', '#');
    await channel.consume(queue, (message) => message && events.push(message), { noAck: true });
  });
  afterAll(async () => {
    await connection.close();
    await stack.stop();
  });

  function publish(kind: string, body: unknown, properties: Options.Publish) {
    const content = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    channel.publish('longhaul.submit', kind, content, { contentType: 'application/json', persistent: true, ...properties });
  }

  async function jobsOfKind(kind: string) {
    return (await stack.api.call<{ items: JobView[] }>('GET', `/jobs?kind=${kind}&limit=200`)).body.items;
  }

  test('one message published 100 times makes one job that runs once', async () => {
    for (let copy = 0; copy < 100; copy++) publish('debug.effect', { key: 'amqp' }, { messageId: 'same-message' });
    await waitFor('the job to succeed', async () => (await jobsOfKind('debug.effect'))[0]?.state === 'succeeded');
    await waitFor('the queue to be empty', async () => (await channel.checkQueue('longhaul.submit')).messageCount === 0);
    expect(await jobsOfKind('debug.effect')).toHaveLength(1);
    expect(await stack.query(`SELECT key FROM debug_effects`)).toEqual([{ key: 'amqp' }]);
  });

  test('the outcome is published as an event, and to the reply queue with the correlation id', async () => {
    const replies: ConsumeMessage[] = [];
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.consume(queue, (message) => message && replies.push(message), { noAck: true });
    publish('debug.echo', { value: 'r' }, { messageId: 'with-reply', replyTo: queue, correlationId: 'call-1' });
    const reply = await waitFor('the reply', () => replies[0]);
    const view = JSON.parse(reply.content.toString()) as JobView;
    expect(reply.properties.correlationId).toBe('call-1');
    expect(view).toMatchObject({ kind: 'debug.echo', state: 'succeeded', result: { value: 'r' } });
    const event = await waitFor('the event', () => events.find(({ properties }) => properties.messageId === reply.properties.messageId));
    expect(event.fields.routingKey).toBe('debug.echo.succeeded');
    expect(JSON.parse(event.content.toString())).toEqual(view);
  });

  test('what replies must not reach is refused without a reply: queues of others, and our own (E13)', async () => {
    await channel.assertQueue('billing.private', { durable: true });
    for (const replyTo of ['billing.private', 'longhaul.dead', 'longhaul.jobs.default', 'longhaul.submit', 'x'.repeat(255)]) {
      const messageId = `reply to ${replyTo}`.slice(0, 255);
      publish('debug.echo', { value: 1 }, { messageId, replyTo, correlationId: 'chosen' });
      const letter = await waitFor('its dead letter', async () => (await stack.api.deadLetters()).find((each) => each.messageId === messageId));
      expect(letter.reason).toBe('reply_to_refused');
    }
    // Neither by the answer to a refusal for another reason.
    publish('no.such.kind', {}, { messageId: 'unknown, to billing', replyTo: 'billing.private' });
    await waitFor('its dead letter', async () => (await stack.api.deadLetters()).find((each) => each.messageId === 'unknown, to billing'));
    await stack.api.waitForState(await stack.api.accepted('debug.echo', { value: 1 }), 'succeeded');
    expect((await channel.checkQueue('billing.private')).messageCount).toBe(0);
  });

  test('a queue that nobody has declared is a dead letter with the near match (E15)', async () => {
    publish('debug.echo', { value: 1 }, { messageId: 'junk', headers: { 'x-longhaul-queue': 'othr' } });
    const letter = await waitFor('its dead letter', async () => (await stack.api.deadLetters()).find((each) => each.messageId === 'junk'));
    expect(letter).toMatchObject({ reason: 'unknown_queue', detail: expect.stringContaining('did you mean "other"?') as string });
  });

  test.each([10, 255])('priority %i counts as 9, the highest (C25)', async (priority) => {
    publish('debug.echo', { value: priority }, { messageId: `priority ${String(priority)}`, priority });
    const job = await waitFor('the job', async () =>
      (await jobsOfKind('debug.echo')).find(({ result }) => JSON.stringify(result) === `{"value":${String(priority)}}`),
    );
    expect(await stack.query(`SELECT priority FROM jobs WHERE id = $1`, [job.id])).toEqual([{ priority: 9 }]);
    expect((await stack.api.call<{ priority: number }>('GET', `/jobs/${job.id}`)).body.priority).toBe(9);
  });

  test('one message_id is one job for each account that says who it is (E14)', async () => {
    for (const value of [1, 2]) publish('debug.echo', { value }, { messageId: 'of whom', ...(value === 1 ? { userId: 'guest' } : {}) });
    await waitFor('both keys', async () => (await stack.query(`SELECT 1 FROM idempotency_keys WHERE key = 'of whom'`)).length === 2);
    expect(await stack.query(`SELECT scope FROM idempotency_keys WHERE key = 'of whom' ORDER BY scope`)).toEqual([
      { scope: 'amqp:guest' },
      { scope: 'default' },
    ]);
  });

  test('properties of hostile producers stop neither the door nor what comes after them (E13)', async () => {
    const nested = { a: [{ b: [null, true, 1.5, 2 ** 40, Buffer.from([0, 255]), { '!': 'timestamp', value: 2 ** 60 }] }] };
    const hostile: Options.Publish[] = [
      { correlationId: '\u0000'.repeat(200), replyTo: '\u0000', type: '\u0000', appId: '\u202e', expiration: '1' },
      { type: 'x'.repeat(255), appId: 'y'.repeat(255), correlationId: 'z'.repeat(255), contentEncoding: '\u0001' },
      { CC: ['longhaul.dead', 'longhaul.jobs.default'], BCC: ['longhaul.submit'] },
      { headers: { 'x-death': nested, 'x-first-death-queue': 1, 'x-delivery-count': -1, __proto__: nested } },
      { headers: { 'x-death': [{ queue: 'longhaul.submit', reason: 'rejected', count: 2 ** 50, exchange: 1 }] } },
      { headers: { huge: 'h'.repeat(60_000), 'x-longhaul-delay-ms': [], traceparent: {}, 'x-longhaul-queue': null as unknown as string } },
      { timestamp: 2 ** 53, priority: 255, deliveryMode: 1, headers: nested },
    ];
    hostile.forEach((properties, index) => publish('no.such.kind', { index }, { messageId: `hostile ${String(index)}`, ...properties }));
    publish('debug.echo', { value: 'after hostile' }, { messageId: 'after hostile' });
    await waitFor('the good one', async () => (await jobsOfKind('debug.echo')).some(({ result }) => JSON.stringify(result) === '{"value":"after hostile"}'));
    await waitFor('the queues to be empty', async () => {
      const counts = await Promise.all(['longhaul.submit', 'longhaul.dead'].map((queue) => channel.checkQueue(queue)));
      return counts.every(({ messageCount }) => messageCount === 0);
    });
    const { body } = await stack.api.call<{ broker: string }>('GET', '/health/ready');
    expect(body.broker).toBe('up');
  });

  test('until when a job must start comes by a header; one that cannot be read, or is over, becomes a dead letter', async () => {
    publish('debug.echo', { value: 'in time' }, { messageId: 'bound', headers: { 'x-longhaul-start-before': '1h' } });
    await waitFor('the job to succeed', async () =>
      (await jobsOfKind('debug.echo')).some(({ state, result }) => state === 'succeeded' && JSON.stringify(result) === '{"value":"in time"}'),
    );
    const cases: [messageId: string, header: unknown, reason: string][] = [
      ['bound-1', 'soon', 'malformed_request'],
      ['bound-2', { time: 1 }, 'malformed_request'],
      ['bound-3', '2020-01-31T08:00:00Z', 'invalid_payload'],
    ];
    for (const [messageId, header, reason] of cases) {
      publish('debug.echo', { value: 1 }, { messageId, headers: { 'x-longhaul-start-before': header } });
      const letter = await waitFor('its dead letter', async () => (await stack.api.deadLetters()).find((each) => each.messageId === messageId));
      expect([messageId, letter.reason]).toEqual([messageId, reason]);
    }
  });

  test('a unique key comes by headers; who is answered with the job that waits gets its outcome', async () => {
    const later = (messageId: string, more: Record<string, unknown> = {}, properties: Options.Publish = {}) =>
      publish(
        'debug.echo',
        { value: messageId },
        { messageId, headers: { 'x-longhaul-unique-key': 'u', 'x-longhaul-delay-ms': 3_600_000, ...more }, ...properties },
      );
    const waiting = async () => (await jobsOfKind('debug.echo')).filter(({ state }) => state === 'scheduled').map(({ id }) => id);
    const { queue } = await channel.assertQueue('', { exclusive: true });
    later('unique-1');
    const [first] = await waitFor('the first to wait', async () => {
      const ids = await waiting();
      return ids.length > 0 && ids;
    });
    later('unique-2', {}, { replyTo: queue, correlationId: 'of unique-2' });
    later('unique-3', { 'x-longhaul-unique-keep': 'oldest' });
    const taken = `SELECT job_id FROM idempotency_keys WHERE key IN ('unique-2', 'unique-3')`;
    await waitFor('both others to be taken in', async () => (await stack.query(taken)).length === 2);
    expect(await stack.query(taken)).toEqual([{ job_id: first }, { job_id: first }]);
    expect(await waiting()).toEqual([first]);
    later('unique-4', { 'x-longhaul-unique-keep': 'newest' });
    const reply = await waitFor('the outcome of the one that was replaced', async () => (await channel.get(queue, { noAck: true })) || undefined);
    expect([reply.properties.correlationId, reply.properties.type]).toEqual(['of unique-2', 'debug.echo.cancelled']);
    expect(await waiting()).not.toContain(first);
    const cases: [messageId: string, headers: Record<string, unknown>][] = [
      ['unique-5', { 'x-longhaul-unique-keep': 'last' }],
      ['unique-6', { 'x-longhaul-unique-key': 'x'.repeat(256) }],
      ['unique-7', { 'x-longhaul-unique-key': { key: 1 } }],
      ['unique-8', { 'x-longhaul-unique-key': undefined, 'x-longhaul-unique-keep': 'newest' }],
    ];
    for (const [messageId, headers] of cases) {
      later(messageId, headers);
      const letter = await waitFor('its dead letter', async () => (await stack.api.deadLetters()).find((each) => each.messageId === messageId));
      expect([messageId, letter.reason]).toEqual([messageId, 'invalid_payload']);
    }
  });

  test('the key of a fair queue comes by a header, and one that is none makes a dead letter', async () => {
    publish('debug.echo', { value: 'f' }, { messageId: 'flow-1', headers: { 'x-longhaul-flow-key': 'acme', 'x-longhaul-delay-ms': 3_600_000 } });
    const stored = () => stack.query<{ flow_key: string }>(`SELECT flow_key FROM jobs WHERE flow_key IS NOT NULL`);
    await waitFor('the job', async () => (await stored()).length === 1);
    expect(await stored()).toEqual([{ flow_key: 'acme' }]);
    publish('debug.echo', { value: 'f' }, { messageId: 'flow-2', headers: { 'x-longhaul-flow-key': 'a\u0000' } });
    const letter = await waitFor('its dead letter', async () => (await stack.api.deadLetters()).find(({ messageId }) => messageId === 'flow-2'));
    expect(letter.reason).toBe('invalid_payload');
  });

  test('queue and delay come by headers', async () => {
    publish('debug.echo', { value: 'd' }, { messageId: 'delayed', headers: { 'x-longhaul-queue': 'other', 'x-longhaul-delay-ms': 500 } });
    const job = await waitFor(
      'the delayed job',
      async () => (await jobsOfKind('debug.echo')).find(({ queue, state }) => queue === 'other' && state === 'succeeded'),
      { timeoutMs: 90_000 },
    );
    expect(Date.parse(job.startedAt ?? '') - Date.parse(job.createdAt)).toBeGreaterThanOrEqual(500);
  });

  const refused: [string, string, unknown, Options.Publish, string][] = [
    ['a message without message_id', 'debug.echo', { value: 1 }, {}, 'bad_idempotency_key'],
    ['a message of a kind that is not known', 'debug.eco', { value: 1 }, { messageId: 'bad-1' }, 'unknown_kind'],
    ['a message without a body', 'debug.echo', Buffer.alloc(0), { messageId: 'bad-2' }, 'malformed_request'],
    ['a message that is no JSON', 'debug.echo', Buffer.from('{"value":'), { messageId: 'bad-3' }, 'malformed_request'],
    ['a message that is not UTF-8', 'debug.echo', Buffer.from([0x22, 0xff, 0x22]), { messageId: 'bad-4' }, 'malformed_request'],
    ['a message with an invalid payload', 'debug.sleep', { ms: 'long' }, { messageId: 'bad-5' }, 'invalid_payload'],
    ['a message with a NUL in it', 'debug.echo', { value: '\u0000' }, { messageId: 'bad-6' }, 'invalid_payload'],
    ['a message of another content type', 'debug.echo', { value: 1 }, { messageId: 'bad-7', contentType: 'text/plain' }, 'malformed_request'],
    ['a message with an absurd delay', 'debug.echo', { value: 1 }, { messageId: 'bad-8', headers: { 'x-longhaul-delay-ms': -1 } }, 'invalid_payload'],
    [
      'a message with a header of the wrong type',
      'debug.echo',
      { value: 1 },
      { messageId: 'bad-9', headers: { 'x-longhaul-queue': { a: 1 } } },
      'invalid_payload',
    ],
    [
      'a message with a NUL in the name of a header',
      'debug.eco',
      { value: 1 },
      { messageId: 'bad-10', headers: { 'a\u0000b': { '\u0000': [1] } } },
      'unknown_kind',
    ],
    ['the same message_id with another payload', 'debug.echo', { value: 'another' }, { messageId: 'with-reply' }, 'idempotency_key_reused'],
  ];
  test.each(refused)('%s becomes a dead letter with its reason and its bytes', async (_, kind, body, properties, reason) => {
    publish(kind, body, properties);
    const letter = await waitFor('the dead letter', async () =>
      (await stack.api.deadLetters()).find((candidate) => candidate.messageId === (properties.messageId ?? null) && candidate.reason === reason),
    );
    expect(letter.kind).toBe(kind);
    const whole = await stack.api.call<{ body: { text?: string; base64?: string } }>('GET', `/dead-letters/${letter.id}`);
    const bytes = whole.body.body.text ?? Buffer.from(whole.body.body.base64 ?? '', 'base64');
    expect(Buffer.from(bytes)).toEqual(Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)));
  });

  const forged: [string, unknown, string][] = [
    ['says that Longhaul rejected it', [{ reason: 'rejected', queue: 'longhaul.submit', exchange: 'longhaul.submit' }], 'rejected'],
    ['says that a job of ours was rejected', [{ reason: 'rejected', queue: 'longhaul.jobs.default', exchange: 'longhaul.jobs' }], 'rejected'],
    ['has a NUL in its reason', [{ reason: 'a\u0000b' }], 'a\ufffdb'],
    ['has a table for a queue', [{ reason: 'expired', queue: { toString: 1 }, exchange: { valueOf: 1 } }], 'expired'],
    ['has no table at all', 'rejected', 'unknown'],
  ];
  test('a refused message with an x-death that no broker has written is not dead-lettered again, which RabbitMQ 3.10 would not survive', async () => {
    const messageId = 'refused, with an x-death';
    channel.publish('longhaul.submit', 'no.such.kind', Buffer.from('{}'), { messageId, headers: { 'x-death': [1, 'two', { reason: 3 }] } });
    const letter = await waitFor('its dead letter', async () => (await stack.api.deadLetters()).find((each) => each.messageId === messageId));
    expect(letter).toMatchObject({ reason: 'unknown_kind', occurrences: 1 });
    // The broker lives on, and so do its queues.
    await stack.api.waitForState(await stack.api.accepted('debug.echo', { value: 1 }), 'succeeded');
  });

  test.each(forged)('what is sent to the dead-letter exchange and %s is kept', async (what, death, reason) => {
    const messageId = `forged: ${what}`;
    channel.publish('longhaul.dlx', 'debug.echo', Buffer.from('{}'), { messageId, headers: { 'x-death': death } });
    const letter = await waitFor('the dead letter', async () => (await stack.api.deadLetters()).find((candidate) => candidate.messageId === messageId));
    expect(letter.reason).toBe(reason);
  });

  test('a dead letter is put back with an edited payload, once however often it is asked', async () => {
    const letter = (await stack.api.deadLetters('?kind=debug.sleep'))[0];
    const path = `/dead-letters/${String(letter?.id)}/redrive`;
    expect((await stack.api.call('POST', path)).status).toBe(422);
    const redriven = await stack.api.call<{ jobId: string }>('POST', path, { payload: { ms: 1 } });
    expect(redriven.status).toBe(202);
    await stack.api.waitForState(redriven.body.jobId, 'succeeded');
    expect((await stack.api.call('POST', path, { payload: { ms: 2 } })).status).toBe(409);
  });

  test('all dead letters are put back only when that is said, and a dry run counts them first (C28)', async () => {
    for (const body of [undefined, {}, { dryRun: true }, { all: false }, { all: true, kind: 'a' }, { all: 'yes' }, { kind: 'a', dryRun: 1 }])
      expect((await stack.api.call('POST', '/dead-letters/redrive', body)).status).toBe(422);
    const letters = await stack.api.deadLetters('?limit=200');
    expect((await stack.api.call('POST', '/dead-letters/redrive', { all: true, dryRun: true })).body).toEqual({ dryRun: true, matching: letters.length });
    const matching = letters.filter(({ reason }) => reason === 'unknown_kind').length;
    const { body } = await stack.api.call('POST', '/dead-letters/redrive', { reason: 'unknown_kind', dryRun: true });
    expect(body).toEqual({ dryRun: true, matching });
    expect(await stack.api.deadLetters('?limit=200')).toHaveLength(letters.length);
  });

  test('poison does not stop what comes after it', async () => {
    for (let n = 0; n < 50; n++) publish('nonsense', Buffer.from([n]), { messageId: `poison-${String(n)}` });
    publish('debug.echo', { value: 'after' }, { messageId: 'after-poison' });
    await waitFor('the good one', async () => (await jobsOfKind('debug.echo')).some(({ result }) => JSON.stringify(result) === '{"value":"after"}'));
    await waitFor('50 dead letters', async () => (await stack.api.deadLetters('?kind=nonsense&limit=200')).length === 50);
  });
});
