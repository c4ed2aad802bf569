// Ring 2: .ci/run runs this file.
import { describeWithBroker, type Stack, startStack } from '../support/index.js';

describeWithBroker('a flood of jobs into a queue that is short', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode: 'distributed' });
  });
  afterAll(() => stack.stop());

  /** So many jobs of a tenant, in batches that are submitted at once. They take so long that few of them begin before the next submission on a busy machine too. */
  async function flood(tenant: string, batches: number, jobs: number): Promise<void> {
    const job = { kind: 'debug.sleep', payload: { ms: 100 }, options: { tags: [`tenant:${tenant}`] } };
    const body = { jobs: Array.from({ length: jobs }, () => job) };
    const answers = await Promise.all(Array.from({ length: batches }, () => stack.api.call('POST', '/jobs/batch', body)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
  }

  test('delays the first job of another tenant by a small part of itself, where the queue is shared fairly', async () => {
    expect((await stack.api.call('PATCH', '/queues/default', { fair: { by: 'tag:tenant' } })).status).toBe(200);
    // The gateway has published to the queue, and has looked at it: it was empty.
    await stack.api.waitForState(await stack.api.accepted('debug.echo', { value: 1 }), 'succeeded');
    await flood('many', 2, 1_000);
    const id = await stack.api.accepted('debug.echo', { value: 1 }, { tags: ['tenant:one'] });
    await stack.api.waitForState(id, 'succeeded');
    const [row] = await stack.query<{ before: number }>(
      `SELECT count(*)::integer AS before FROM jobs a JOIN jobs b ON b.id = $1 WHERE a.tags @> ARRAY['tenant:many'] AND a.started_at < b.started_at`,
      [id],
    );
    expect(row?.before).toBeLessThan(400);
  });
});
