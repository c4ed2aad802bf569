import { describeEachModeInProofs, type Stack, startStack, waitFor } from '../support/index.js';

describeEachModeInProofs('queues in %s mode', (mode) => {
  let stack: Stack;
  const ready = (queue: string) => stack.api.submit('debug.echo', { value: 1 }, { queue }, { prefer: 'wait=20' });

  beforeAll(async () => {
    stack = await startStack({ mode, env: { QUEUES: 'configured', MAX_QUEUES: '20' } });
  });
  afterAll(() => stack.stop());

  test('a submission to one that nobody has declared is refused with the near match, and makes none (E15)', async () => {
    const { status, body } = await stack.api.submit('debug.echo', { value: 1 }, { queue: 'confgured' });
    expect([status, body]).toMatchObject([422, { type: '/problems/unknown-queue', errors: [{ pointer: '/options/queue' }] }]);
    expect(JSON.stringify(body)).toContain('did you mean \\"configured\\"?');
    const { body: listed } = await stack.api.call<{ items: { name: string }[] }>('GET', '/queues');
    expect(listed.items.map(({ name }) => name)).not.toContain('confgured');
  });

  test('one of the configuration is declared, and one of PUT, which may be repeated (E15)', async () => {
    expect((await ready('configured')).status).toBe(200);
    expect((await stack.api.call('PUT', '/queues/made')).status).toBe(200);
    expect((await stack.api.call('PUT', '/queues/made')).status).toBe(200);
    expect((await ready('made')).status).toBe(200);
  });

  test('an empty one is deleted, and can be declared again; a full one, that of a kind, and one that is not there cannot (E15)', async () => {
    await stack.api.call('PUT', '/queues/passing');
    await stack.api.submit('debug.echo', { value: 1 }, { queue: 'passing', delay: '1h' });
    expect(await stack.api.call('DELETE', '/queues/passing')).toMatchObject({ status: 409, body: { type: '/problems/state-forbids' } });
    expect((await stack.api.call('DELETE', '/queues/default')).status).toBe(409);
    expect((await stack.api.call('DELETE', '/queues/nothing')).status).toBe(404);
    await stack.api.call('PUT', '/queues/short');
    expect((await stack.api.call('DELETE', '/queues/short')).status).toBe(204);
    expect((await stack.api.call('DELETE', '/queues/short')).status).toBe(404);
    await waitFor('it to be refused', async () => (await stack.api.submit('debug.echo', { value: 1 }, { queue: 'short' })).status === 422);
    await stack.api.call('PUT', '/queues/short');
    expect((await ready('short')).status).toBe(200);
  });

  test.each(['a b', '.a', 'x'.repeat(64)])('PUT /queues/%s is no name of a queue (E15)', async (name) => {
    expect((await stack.api.call('PUT', `/queues/${encodeURIComponent(name)}`)).status).toBe(422);
  });

  test('there are at most MAX_QUEUES (E15)', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => stack.api.call('PUT', `/queues/many-${String(n)}`)));
    expect(answers.filter(({ status }) => status === 422).length).toBeGreaterThan(0);
    for (let n = 0; n < 30; n++) await stack.api.call('DELETE', `/queues/many-${String(n)}`);
  });
});
