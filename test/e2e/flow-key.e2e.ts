import { describeEachModeInProofs, type Stack, startStack, waitFor } from '../support/index.js';

describeEachModeInProofs('in a queue that is shared fairly, in %s mode, a job', (mode) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode, env: { WORKER_CONCURRENCY: '1' } });
    await stack.api.call('PUT', '/queues/fair', {});
    expect((await stack.api.call('PATCH', '/queues/fair', { fair: { by: 'tag:tenant' } })).status).toBe(200);
  });
  afterAll(() => stack.stop());

  test('takes the share of the key that it names, whatever its tag says, and shows that key', async () => {
    await stack.api.call('POST', '/queues/fair/pause');
    await waitFor('the pause to be obeyed', async () => {
      const { body } = await stack.api.submit('debug.echo', { value: 0 }, { queue: 'fair' }, { prefer: 'wait=1' });
      return body.state === 'queued';
    });
    const submit = (flowKey: string) => stack.api.accepted('debug.echo', { value: flowKey }, { queue: 'fair', tags: ['tenant:acme'], flowKey });
    for (let number = 0; number < 30; number++) await submit('many');
    const few = [await submit('few'), await submit('few')];
    expect((await stack.api.call('GET', `/jobs/${few[0]}`)).body).toMatchObject({ flowKey: 'few', unique: null });
    await stack.api.call('POST', '/queues/fair/resume');
    for (const id of few) await stack.api.waitForState(id, 'succeeded');
    const order = `SELECT id FROM jobs WHERE queue = 'fair' AND flow_key IS NOT NULL AND started_at IS NOT NULL ORDER BY started_at`;
    const places = (await stack.query<{ id: string }>(order)).flatMap(({ id }, place) => (few.includes(id) ? [place] : []));
    expect(places).toHaveLength(2);
    expect(Math.max(...places)).toBeLessThan(8);
  });

  test.each(['', 'x'.repeat(101), 'a\u0000', 7])('with the key %j is refused with a pointer', async (flowKey) => {
    const { status, body } = await stack.api.call<{ errors: { pointer: string }[] }>('POST', '/jobs', {
      kind: 'debug.echo',
      payload: { value: 1 },
      options: { flowKey },
    });
    expect([status, new Set(body.errors.map(({ pointer }) => pointer))]).toEqual([422, new Set(['/options/flowKey'])]);
  });
});
