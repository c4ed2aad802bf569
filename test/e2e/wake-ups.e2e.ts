// Ring 2: .ci/run runs this file.
import { randomUUID } from 'node:crypto';
import { connect } from 'amqplib';
import { describeWithBroker, type Stack, spawnApp, startStack, waitFor } from '../support/index.js';

/** A kind whose jobs run, fail or take their time as their payloads say, so that all of them may share a message. */
const KIND = 'debug.fail';
const quick = { message: 'no', times: 0 };
const fails = { message: 'no', retryable: false };

describeWithBroker('jobs that one message wakes up', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode: 'distributed', workers: 1, env: { WORKER_CONCURRENCY: '4', LEASE_SECONDS: '5', DRAIN_SECONDS: '2' } });
    // Until a worker has measured how long they run, each has a message of its own. On a busy machine some run for longer than they are meant to.
    for (const kind of [KIND, 'debug.sleep']) {
      await waitFor(`${kind} to be known as quick`, async () => {
        await ended(
          await batch(
            kind,
            Array.from({ length: 25 }, () => (kind === KIND ? quick : { ms: 0 })),
          ),
        );
        return (await sizes()).get(kind) === 64;
      });
    }
    // A process reads it anew when what it knows is a second old.
    await waitFor('the gateway to know it', async () => (await rowsOf(await batch(KIND, [quick, quick]))) < 2);
  });
  afterAll(() => stack.stop());

  const sizes = async () => {
    const rows = await stack.query('SELECT name, wake_up_size FROM kinds');
    return new Map(rows.map(({ name, wake_up_size }) => [String(name), Number(wake_up_size)]));
  };

  async function batch(kind: string, payloads: object[], options = {}): Promise<string[]> {
    const jobs = payloads.map((payload) => ({ kind, payload, options }));
    const { status, body } = await stack.api.call<{ jobs: { id: string }[] }>('POST', '/jobs/batch', { jobs });
    expect(status).toBe(202);
    return body.jobs.map(({ id }) => id);
  }

  /** Messages that workers have claimed these jobs by. */
  async function rowsOf(ids: string[]): Promise<number> {
    await ended(ids);
    return (await stack.query('SELECT DISTINCT publish_id FROM jobs WHERE id = ANY ($1::uuid[])', [ids])).length;
  }

  async function ended(ids: string[], timeoutMs = 30_000): Promise<void> {
    const left = `SELECT FROM jobs WHERE id = ANY ($1::uuid[]) AND finished_at IS NULL`;
    await waitFor('the jobs to end', async () => (await stack.query(left, [ids])).length === 0, { timeoutMs });
  }

  const states = async (ids: string[]) => {
    const rows = await stack.query('SELECT id, state FROM jobs WHERE id = ANY ($1::uuid[])', [ids]);
    const byId = new Map(rows.map(({ id, state }) => [String(id), String(state)]));
    return ids.map((id) => byId.get(id));
  };

  test('share one message, more of them than there are slots, and each has its own outcome', async () => {
    const ids = await batch(KIND, [quick, fails, quick, fails, ...Array.from({ length: 20 }, () => quick)]);
    expect(await rowsOf(ids)).toBe(1);
    expect(await states(ids)).toEqual(['succeeded', 'failed', 'succeeded', 'failed', ...Array.from({ length: 20 }, () => 'succeeded')]);
  });

  test('do not follow one of them that fails to the dead letters: it alone has one, and nothing else is recorded', async () => {
    const ids = await batch(KIND, [quick, fails, quick]);
    await ended(ids);
    await waitFor('the message of the failed job to be gone from the broker', async () => (await stack.query('SELECT FROM outbox')).length === 0);
    const letters = await stack.api.deadLetters(`?kind=${KIND}&limit=200`);
    expect(letters.filter(({ jobId }) => ids.includes(String(jobId)))).toMatchObject([{ jobId: ids[1] }]);
    // Of a job, whose identity it has: none of a message.
    expect(letters.filter(({ jobId }) => jobId === null)).toEqual([]);
  });

  test('go back for others to take when they have waited for a second', async () => {
    const other = await spawnApp('worker', stack.env, { waitUntilReady: true });
    stack.workers.push(other);
    const ids = await batch('debug.sleep', [...Array.from({ length: 4 }, () => ({ ms: 10_000 })), { ms: 0 }, { ms: 0 }, { ms: 0 }]);
    await ended(ids.slice(4));
    expect(await states(ids.slice(0, 4))).toEqual(['running', 'running', 'running', 'running']);
    await ended(ids);
    other.kill('SIGTERM');
    expect((await other.exited).code).toBe(0);
    stack.workers.splice(stack.workers.indexOf(other), 1);
  });

  test('that had not begun when their worker was killed are no suspects: only those that ran are', async () => {
    const ids = await batch('debug.sleep', [...Array.from({ length: 4 }, () => ({ ms: 3_000 })), ...Array.from({ length: 8 }, () => ({ ms: 1 }))]);
    await stack.api.waitForState(String(ids[0]), 'running');
    const [worker] = stack.workers.splice(0, 1);
    worker?.kill('SIGKILL');
    stack.workers.push(await spawnApp('worker', stack.env, { waitUntilReady: true }));
    await ended(ids, 40_000);
    expect(await states(ids)).toEqual(ids.map(() => 'succeeded'));
    const crashed = await stack.query('SELECT id FROM jobs WHERE id = ANY ($1::uuid[]) AND crashes > 0', [ids]);
    expect(crashed.map(({ id }) => String(id)).toSorted()).toEqual(ids.slice(0, 4).toSorted());
  });

  test('of a message that the broker gave up are woken up again, and there is nothing in it to redrive', async () => {
    const queue = 'given-up';
    await stack.api.call('PUT', `/queues/${queue}`);
    await ended(await batch(KIND, [quick], { queue }));
    await stack.api.call('POST', `/queues/${queue}/pause`);
    const ids = await batch(KIND, [quick, quick], { queue });
    const connection = await connect(stack.amqpUrl);
    const channel = await connection.createConfirmChannel();
    // Until the worker has left the queue it takes the message.
    const letter = await waitFor('the dead letter of a message', async () => {
      const wakeUp = { contentType: 'application/vnd.longhaul.wake+json', messageId: randomUUID(), correlationId: String(ids[0]), type: KIND, expiration: '1' };
      channel.publish('longhaul.jobs', queue, Buffer.from(JSON.stringify(ids)), wakeUp);
      await channel.waitForConfirms();
      return (await stack.api.deadLetters()).find(({ reason }) => reason === 'expired');
    });
    expect(letter).toMatchObject({ reason: 'expired', kind: KIND });
    expect((await stack.api.call('POST', `/dead-letters/${letter.id}/redrive`)).status).toBe(409);
    await stack.api.call('POST', `/queues/${queue}/resume`);
    await ended(ids);
    expect(await states(ids)).toEqual(['succeeded', 'succeeded']);
    await connection.close();
  });
});
