import { type Channel, type ChannelModel, connect, type ConsumeMessage, type Options } from 'amqplib';
import type { DeadLetterDetail, JobDetail, LetterGroupList } from '@app/contracts';
import { describeWithBroker, type Stack, startStack, waitFor } from '../support/index.js';

describeWithBroker('the workbench of dead letters', () => {
  let stack: Stack;
  let connection: ChannelModel;
  let channel: Channel;
  beforeAll(async () => {
    stack = await startStack({ mode: 'distributed', env: { QUEUES: 'other' } });
    connection = await connect(stack.amqpUrl);
    channel = await connection.createChannel();
  });
  afterAll(async () => {
    await connection.close();
    await stack.stop();
  });

  const groups = async (query: string) => (await stack.api.call<LetterGroupList>('GET', `/dead-letters/groups${query}`)).body;
  const detail = async (id: string) => (await stack.api.call<DeadLetterDetail>('GET', `/dead-letters/${id}`)).body;

  /** The dead letter that a message of this body becomes. */
  async function refused(kind: string, content: Buffer, properties: Options.Publish & { messageId: string }): Promise<DeadLetterDetail> {
    channel.publish('longhaul.submit', kind, content, { contentType: 'application/json', ...properties });
    const letter = await waitFor('the dead letter', async () =>
      (await stack.api.deadLetters('?source=message&limit=200')).find(({ messageId }) => messageId === properties.messageId),
    );
    return detail(letter.id);
  }

  test('leads from a group of failed jobs to one of them, which is put back with another payload and succeeds', async () => {
    const ids = [0, 1, 2].map((n) => stack.api.accepted('debug.fail', { message: `no ${String(n)}` }, { maxAttempts: 1 }));
    for (const id of await Promise.all(ids)) await stack.api.waitForState(id, 'failed');
    const { items } = await groups('?source=job&kind=debug.fail');
    expect(items).toMatchObject([
      { letters: 3, kinds: ['debug.fail'], error: 'Error', state: 'open', frame: expect.stringMatching(/debug\.jobs\.[jt]s:\d+$/) as string },
    ]);
    const [group] = items;
    for (const act of ['redrive', 'discard'])
      for (const wrong of [{ group: '' }, { kind: '' }, { reason: '', dryRun: true }, { from: '', rate: 1_000 }])
        expect([act, wrong, (await stack.api.call('POST', `/dead-letters/${act}`, wrong)).status]).toEqual([act, wrong, 422]);
    expect(await stack.api.deadLetters(`?group=${String(group?.group)}`)).toHaveLength(3);
    const { jobId } = await detail(String(group?.sampleId));

    const bad = await stack.api.call<{ errors: { pointer: string }[] }>('POST', `/jobs/${String(jobId)}/redrive`, {
      payload: { message: 'no', times: 'many' },
    });
    expect({ status: bad.status, pointers: [...new Set(bad.body.errors.map(({ pointer }) => pointer))] }).toEqual({
      status: 422,
      pointers: ['/payload/times'],
    });
    expect((await stack.api.call('POST', `/jobs/${String(jobId)}/redrive`, { payloads: {} })).status).toBe(422);
    expect((await stack.api.call('POST', `/jobs/${String(jobId)}/redrive`, { payload: { message: 'no', times: 0 } })).status).toBe(202);
    await stack.api.waitForState(String(jobId), 'succeeded');
    expect(await groups('?source=job&kind=debug.fail')).toMatchObject({ items: [{ group: group?.group, letters: 2 }] });

    const which = { group: group?.group };
    expect((await stack.api.call('POST', '/dead-letters/redrive', { ...which, dryRun: true })).body).toEqual({ dryRun: true, matching: 2 });
    expect((await stack.api.call('POST', '/dead-letters/discard', { ...which, dryRun: true })).body).toEqual({ dryRun: true, matching: 2 });
    expect((await stack.api.call('POST', '/dead-letters/discard', {})).status).toBe(422);
    expect((await stack.api.call('POST', '/dead-letters/discard', { ...which, note: { by: 1 } })).body).toMatchObject({ errors: [{ pointer: '/note/by' }] });
    expect((await stack.api.call('POST', '/dead-letters/discard', { ...which, note: { by: 'ann' } })).body).toEqual({ discarded: 2 });
    expect(await groups('?source=job&kind=debug.fail')).toMatchObject({ items: [], letters: 0 });
    expect(await stack.api.deadLetters(`?group=${String(group?.group)}&discarded=true`)).toMatchObject([
      { discard: { by: 'ann' } },
      { discard: { by: 'ann' } },
    ]);
  });

  test('puts back many letters of jobs and of messages by a job, and says which stay and why', async () => {
    const ids = await Promise.all([0, 1, 2].map(() => stack.api.accepted('debug.fail', { message: 'no' }, { maxAttempts: 1, tags: ['many'] })));
    for (const id of ids) await stack.api.waitForState(id, 'failed');
    // As if what has failed them was mended.
    await stack.query(`UPDATE jobs SET payload = '{"message":"no","times":0}' WHERE tags @> ARRAY['many']`);
    const messages = await Promise.all([0, 1].map((n) => refused('debug.unknown', Buffer.from('{"value":1}'), { messageId: `many ${String(n)}` })));
    const mine = [messages.map(({ id }) => id), ids];
    await stack.query('UPDATE dead_letters SET discarded_at = now() WHERE id <> ALL ($1::uuid[]) AND (job_id IS NULL OR job_id <> ALL ($2::uuid[]))', mine);

    const body = { all: true, rate: 1_000, note: { reason: 'it works again', by: 'anna' } };
    const headers = { 'idempotency-key': 'many-1' };
    const started = await stack.api.call<{ id: string; kind: string }>('POST', '/dead-letters/redrive', body, headers);
    expect(started).toMatchObject({ status: 202, body: { kind: 'longhaul.letters' } });
    expect((await stack.api.call<{ id: string }>('POST', '/dead-letters/redrive', body, headers)).body.id).toBe(started.body.id);
    const { result } = await stack.api.waitForState(started.body.id, 'succeeded', 30_000);
    expect(result).toMatchObject({ matched: 5, changed: 3, refused: { letters: 2, reasons: [{ letters: 2 }], others: 0 } });
    for (const id of ids) await stack.api.waitForState(id, 'succeeded', 30_000);
    expect(await stack.api.deadLetters('?limit=200')).toHaveLength(2);

    const away = await stack.api.call<{ id: string }>(
      'POST',
      '/dead-letters/discard',
      { source: 'message', note: { reason: 'no such kind' } },
      { prefer: 'respond-async' },
    );
    expect([away.status, away.headers.get('preference-applied')]).toEqual([202, 'respond-async']);
    expect((await stack.api.waitForState(away.body.id, 'succeeded', 30_000)).result).toMatchObject({ matched: 2, changed: 2 });
    expect((await detail(messages[0]?.id ?? '')).discard).toEqual({ reason: 'no such kind' });
    expect((await stack.api.call('POST', '/dead-letters/discard', { all: true })).body).toEqual({ discarded: 0 });
  });

  test('puts a message back with its queue, its priority and its other options, and tells its outcome to where it was to go', async () => {
    const replies: ConsumeMessage[] = [];
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.consume(queue, (message) => message && replies.push(message), { noAck: true });
    const asked = {
      replyTo: queue,
      correlationId: 'call-7',
      priority: 7,
      appId: 'billing',
      headers: { 'x-longhaul-queue': 'other' },
    };
    const letter = await refused('debug.echo', Buffer.from('{"valeu":1}'), { messageId: 'keeps', ...asked });
    await waitFor('the refusal', () => replies.find(({ properties }) => properties.type === 'refused'));
    expect(letter).toMatchObject({ producer: 'billing', properties: { app_id: 'billing', reply_to: queue, correlation_id: 'call-7', priority: 7 } });
    expect((await groups('?source=message')).items.find(({ group }) => group === letter.group)).toMatchObject({
      producer: 'billing',
      reason: 'invalid_payload',
    });

    const path = `/dead-letters/${letter.id}/redrive`;
    expect((await stack.api.call('POST', path)).status).toBe(422);
    expect((await stack.api.call('POST', path, { payload: { value: 2 }, options: { priority: 99 } })).body).toMatchObject({
      errors: [{ pointer: '/options/priority' }],
    });
    const { body } = await stack.api.call<{ jobId: string }>('POST', path, { payload: { value: 2 } });
    await stack.api.waitForState(body.jobId, 'succeeded');
    expect((await stack.api.call<JobDetail>('GET', `/jobs/${body.jobId}`)).body).toMatchObject({
      queue: 'other',
      priority: 7,
      payload: { value: 2 },
    });
    const reply = await waitFor('the outcome', () => replies.find(({ properties }) => properties.type !== 'refused'));
    expect(reply.properties.correlationId).toBe('call-7');
    expect(JSON.parse(reply.content.toString())).toMatchObject({ id: body.jobId, state: 'succeeded' });
  });

  test('asks for options in place of those of the message where these were the fault', async () => {
    const letter = await refused('debug.echo', Buffer.from('{"value":1}'), { messageId: 'bad header', headers: { 'x-longhaul-delay-ms': 'later' } });
    const path = `/dead-letters/${letter.id}/redrive`;
    expect((await stack.api.call('POST', path)).body).toMatchObject({ status: 422, errors: [{ pointer: '/options' }] });
    const { body } = await stack.api.call<{ jobId: string }>('POST', path, { options: { maxAttempts: 2 } });
    await stack.api.waitForState(body.jobId, 'succeeded');
  });

  test.each<[what: string, content: Buffer, body: object]>([
    ['that are not UTF-8', Buffer.from([0, 255, 0x22, 0xc3]), { base64: Buffer.from([0, 255, 0x22, 0xc3]).toString('base64') }],
    ['with a byte order mark', Buffer.from('\ufeff{"valeu":1}'), { text: '\ufeff{"valeu":1}' }],
    ['with a page in them', Buffer.from('<script>alert(1)</script>'), { text: '<script>alert(1)</script>' }],
  ])('shows the bytes of a message as they came, also those %s', async (what, content, body) => {
    const headers = { long: 'x'.repeat(20_000), 'a\u0000b': 'nul', table: { deep: [1, { bytes: Buffer.from([255]) }] } };
    const letter = await refused('debug.echo', content, { messageId: `bytes ${what}`, headers });
    expect(letter.body).toEqual(body);
    expect(letter.headers).toMatchObject({ 'a\ufffdb': 'nul', table: { deep: [1, { bytes: { base64: '/w==' } }] } });
    const raw = await fetch(`${stack.gateway.url}/dead-letters/${letter.id}/body`);
    expect(Buffer.from(await raw.arrayBuffer())).toEqual(content);
    expect(raw.headers.get('content-type')).toBe('application/octet-stream');
    expect(raw.headers.get('content-disposition')).toBe(`attachment; filename="${letter.id}.bin"`);
    expect(raw.headers.get('x-content-type-options')).toBe('nosniff');
  });
});
