import { jsonText, type NewJob } from '@app/core';
import { newJob, TestStore } from '../testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(() => store.clear());

/** Of one shape: they are stored by a statement of their own. */
const plain = (count: number, more: Partial<NewJob> = {}) => Array.from({ length: count }, () => newJob({ kind: 'test.plain', ...more }));

/** The whole row but for what names it. */
async function rows(jobs: NewJob[]): Promise<unknown[]> {
  const found = await store.query<{ id: string }>('SELECT * FROM jobs WHERE id = ANY ($1::uuid[])', [jobs.map(({ id }) => id)]);
  return found.map((row) => ({ ...row, id: null, created_at: null, queued_at: null, run_at: null, history: null }));
}

describe('jobs of one shape that are stored together', () => {
  test('have the same rows as those that are stored one by one', async () => {
    const shape = { queue: 'slow', priority: 7, maxAttempts: 9, timeoutMs: 1_234, payload: jsonText({ text: 'a "quoted" \u2028 line\n', deep: [[1], null] }) };
    const [together, alone] = [plain(2, shape), plain(1, shape)];
    const outcomes = await store.submissions.submit(together);
    await store.submissions.submit(alone);
    expect(outcomes).toMatchObject(together.map(() => ({ status: 'created', state: 'queued', runAt: null })));
    const [[first, second], [single]] = [await rows(together), await rows(alone)];
    expect([first, second]).toEqual([single, single]);
    const texts = await store.query<{ payload: string }>('SELECT payload::text FROM jobs WHERE queued_at = created_at AND history IS NULL');
    expect(texts).toEqual([...together, ...alone].map(({ payload }) => ({ payload })));
  });

  test('each keep their own payload, in their order', async () => {
    const jobs = Array.from({ length: 5 }, (_, value) => newJob({ payload: jsonText({ value }) }));
    await store.submissions.submit(jobs);
    for (const [value, { id }] of jobs.entries()) {
      expect(await store.query('SELECT payload::text AS payload FROM jobs WHERE id = $1', [id])).toEqual([{ payload: `{"value":${value}}` }]);
    }
  });

  test('are stored once, however often the batch is sent, and are answered the same', async () => {
    const jobs = plain(3);
    const [first, again] = [await store.submissions.submit(jobs), await store.submissions.submit(jobs)];
    expect(again).toEqual(first);
    expect(await store.query('SELECT count(*)::integer AS jobs FROM jobs')).toEqual([{ jobs: 3 }]);
    expect(await store.query('SELECT count(*)::integer AS rows FROM outbox')).toEqual([{ rows: 3 }]);
  });

  test.each<[string, Partial<NewJob>]>([
    ['a delay', { delayMs: 60_000 }],
    ['a tag', { tags: ['a'] }],
    ['a trace', { traceparent: '00-trace' }],
    ['somebody to tell', { notify: [{ channel: 'reply', to: 'queue' }] }],
    ['a key', { idempotency: { scope: 's', key: 'k', fingerprint: Buffer.from('f') } }],
    ['another kind', { kind: 'test.other' }],
    ['another timeout', { timeoutMs: 1 }],
  ])('keep what one of them has beside that: %s', async (_, more) => {
    const [common, special] = [newJob(), newJob(more)];
    await store.submissions.submit([common, special]);
    const [expected] = await rows([special]);
    await store.clear();
    await store.submissions.submit([special]);
    expect([expected]).toEqual(await rows([special]));
  });
});
