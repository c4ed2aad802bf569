// Ring 2: .ci/run runs this file.
import type { JobView } from '@app/contracts';
import { connect } from 'amqplib';
import pg from 'pg';
import { type Answer, describeWithBroker, type Stack, startStack, tcpProxy, type TcpProxy, waitFor } from '../support/index.js';

interface Ready {
  status: string;
  exceeded: { signal: string; measured: number; limit: number; queue?: string }[];
}

interface Refused {
  type: string;
  status: number;
  exceeded?: { signal: string; limit: number; queue?: string };
}

function ready(stack: Stack): Promise<Answer<Ready>> {
  return stack.api.call<Ready>('GET', '/health/ready');
}

function untilReady(stack: Stack, status: string): Promise<Answer<Ready>> {
  return waitFor(`readiness to be ${status}`, async () => {
    const answer = await ready(stack);
    if (answer.body.status !== status) throw new Error(JSON.stringify(answer.body));
    return answer;
  });
}

/** Pauses a queue, waits until no worker consumes it, and leaves one job in it: a job that is only late cannot be told from one that is held. */
async function pause(stack: Stack, queue: string): Promise<void> {
  await stack.api.submit('debug.echo', { value: 0 }, { queue }, { prefer: 'wait=20' });
  await stack.api.call('POST', `/queues/${queue}/pause`);
  const connection = await connect(stack.amqpUrl);
  const channel = await connection.createChannel();
  await waitFor('the pause to be obeyed', async () => (await channel.checkQueue(`longhaul.jobs.${queue}`)).consumerCount === 0);
  await connection.close();
  expect((await stack.api.submit('debug.echo', { value: 'waits' }, { queue })).status).toBe(202);
}

/** Every answer is 202, or a refusal that says why and when to come back. */
function sorted(answers: Answer<JobView>[], code: string, status: number): { accepted: string[]; refused: number } {
  const accepted = answers.filter((answer) => answer.status === 202).map(({ body }) => body.id);
  const refused = answers.filter((answer) => answer.status !== 202);
  for (const answer of refused) {
    expect(answer.body).toMatchObject({ type: `/problems/${code}`, status });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  }
  return { accepted, refused: refused.length };
}

describeWithBroker('a gateway with more work than it may keep', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode: 'distributed', env: { QUEUES: 'full,spike', ADMISSION_DEPTH: '20', ADMISSION_QUEUE_DEPTH: '10' } });
  });
  afterAll(() => stack.stop());

  test('refuses with 429 what one queue has too much of, and goes on taking for the others', async () => {
    await pause(stack, 'full');
    const answers: Answer<JobView>[] = [];
    const keep = () => sorted(answers, 'queue-full', 429);
    const submit = async () =>
      answers.push(await stack.api.submit('debug.echo', { value: answers.length }, { queue: 'full' }, { 'idempotency-key': `full-${String(answers.length)}` }));
    for (let n = 0; n < 15; n++) await submit();
    expect(keep().refused).toBeGreaterThanOrEqual(6);
    // Until it counts again, a gateway may count twice what came while it counted. One waits since the pause.
    await waitFor('the queue to be as full as it may be', async () => keep().accepted.length === 9 || (await submit(), false));
    await submit();
    const { accepted } = keep();
    expect(accepted).toHaveLength(9);
    expect(answers.at(-1)?.body).toMatchObject({ exceeded: { signal: 'queue_depth', limit: 10, queue: 'full' } } satisfies Partial<Refused>);
    expect((await stack.api.submit('debug.echo', { value: 1 }, undefined, { prefer: 'wait=20' })).status).toBe(200);
    const { status, body } = await untilReady(stack, 'overloaded');
    expect([status, body.exceeded]).toMatchObject([200, [{ signal: 'queue_depth', queue: 'full', limit: 10 }]]);

    await test_a_repeat_is_answered(accepted);
    await stack.api.call('POST', '/queues/full/resume');
    for (const id of accepted) await stack.api.waitForState(id, 'succeeded');
    await untilReady(stack, 'ok');
    expect((await stack.api.submit('debug.echo', { value: 'again' }, { queue: 'full' })).status).toBe(202);
  });

  async function test_a_repeat_is_answered(accepted: string[]): Promise<void> {
    const again = await stack.api.submit('debug.echo', { value: 0 }, { queue: 'full' }, { 'idempotency-key': 'full-0' });
    expect([again.status, again.body.id, again.headers.get('idempotency-replayed')]).toEqual([202, accepted[0], 'true']);
    const other = await stack.api.submit('debug.echo', { value: 'x' }, { queue: 'full' }, { 'idempotency-key': 'full-0' });
    expect(other.status).toBe(422);
  }

  test('refuses a spike with 503 at both doors, says so, loses nothing, and recovers', async () => {
    await pause(stack, 'spike');
    await pause(stack, 'default');
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => stack.api.submit('debug.effect', { key: `spike-${String(n)}` }, n % 2 ? { queue: 'spike' } : {})),
    );
    const accepted = answers.filter(({ status }) => status === 202).map(({ body }) => body.id);
    for (const answer of answers.filter(({ status }) => status !== 202)) {
      expect([429, 503]).toContain(answer.status);
      expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
    expect(accepted.length).toBeLessThan(200);
    const health = await untilReady(stack, 'overloaded');
    expect(health.body.exceeded).toContainEqual(expect.objectContaining({ signal: 'depth', limit: 20 }));
    expect((await stack.api.call('GET', `/jobs/${String(accepted[0])}`)).status).toBe(200);
    sorted([await stack.api.submit('debug.echo', { value: 1 })], 'overloaded', 503);

    const connection = await connect(stack.amqpUrl);
    const channel = await connection.createConfirmChannel();
    await waitFor('the intake to pause', async () => (await channel.checkQueue('longhaul.submit')).consumerCount === 0);
    for (let n = 0; n < 30; n++)
      channel.publish('longhaul.submit', 'debug.effect', Buffer.from(JSON.stringify({ key: `amqp-${String(n)}` })), { messageId: `amqp-${String(n)}` });
    await channel.waitForConfirms();
    expect((await channel.checkQueue('longhaul.submit')).messageCount).toBe(30);

    await Promise.all(['spike', 'default'].map((queue) => stack.api.call('POST', `/queues/${queue}/resume`)));
    for (const id of accepted) await stack.api.waitForState(id, 'succeeded');
    await waitFor(
      'the messages that the broker kept to run, once each',
      async () => {
        const rows = await stack.query<{ n: number; keys: number }>(
          `SELECT count(*)::integer AS n, count(DISTINCT key)::integer AS keys FROM debug_effects WHERE key LIKE 'amqp-%'`,
        );
        return rows[0]?.n === 30 && rows[0].keys === 30;
      },
      { timeoutMs: 90_000 },
    );
    await connection.close();
    await untilReady(stack, 'ok');
    const [effects] = await stack.query<{ n: number }>(`SELECT count(*)::integer AS n FROM debug_effects WHERE key LIKE 'spike-%'`);
    expect(effects?.n).toBe(accepted.length);
    expect(await stack.api.deadLetters()).toEqual([]);
  });
});

describeWithBroker('with RabbitMQ away and a small outbox', () => {
  let stack: Stack;
  let proxy: TcpProxy;
  beforeAll(async () => {
    stack = await startStack({
      mode: 'distributed',
      env: { ADMISSION_OUTBOX_ROWS: '25' },
      amqpUrl: async (url) => (proxy = await tcpProxy(url)).url,
    });
  });
  afterAll(async () => {
    await stack.stop();
    await proxy.close();
  });

  test('accepts until the limit, then refuses, and drains when it is back', async () => {
    await proxy.refuse();
    const answers: Answer<JobView>[] = [];
    for (let n = 0; n < 25; n++) answers.push(await stack.api.submit('debug.echo', { value: n }));
    expect((await untilReady(stack, 'overloaded')).body.exceeded).toMatchObject([{ signal: 'outbox_rows', limit: 25 }]);
    for (let n = 0; n < 5; n++) answers.push(await stack.api.submit('debug.echo', { value: n }));
    const { accepted, refused } = sorted(answers, 'overloaded', 503);
    expect([accepted.length, refused]).toEqual([25, 5]);
    await proxy.heal();
    for (const id of accepted) await stack.api.waitForState(id, 'succeeded', 45_000);
    await untilReady(stack, 'ok');
  });
});

describe('while PostgreSQL is slow', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode: 'single-process', env: { ADMISSION_IN_FLIGHT: '300', ADMISSION_WAIT_MS: '3000' } });
  });
  afterAll(() => stack.stop());

  test('what waits is bounded, the rest is refused at once, and nothing that was refused runs', async () => {
    await stack.api.submit('debug.echo', { value: 0 }, undefined, { prefer: 'wait=20' });
    const locker = new pg.Client({ connectionString: stack.databaseUrl });
    locker.on('error', () => undefined);
    await locker.connect();
    await locker.query('BEGIN; LOCK TABLE longhaul.jobs IN SHARE MODE');
    const answers = await Promise.all(Array.from({ length: 1_000 }, (_, n) => stack.api.submit('debug.effect', { key: `slow-${String(n)}` })));
    const codes = new Set(answers.map(({ status }) => status));
    expect(codes).toEqual(new Set([503]));
    for (const { headers } of answers) expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    const atOnce = answers.filter(({ body }) => (body as unknown as Refused).exceeded?.signal === 'in_flight').length;
    expect(atOnce).toBeGreaterThan(0);
    const full = await stack.api.call<Ready>('GET', '/health/ready');
    expect(full.status).toBe(200);
    await locker.query('COMMIT');
    await locker.end();
    const after = await waitFor('submissions to be accepted again', async () => {
      const answer = await stack.api.submit('debug.effect', { key: 'after' }, undefined, { prefer: 'wait=20' });
      return answer.status === 200 && answer.body;
    });
    expect(after.state).toBe('succeeded');
    expect(await stack.query(`SELECT key FROM debug_effects WHERE key LIKE 'slow-%'`)).toEqual([]);
  });
});
