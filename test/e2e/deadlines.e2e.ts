// Ring 2: .ci/run runs this file.
import { describeEachModeInProofs, type Stack, startStack, waitFor } from '../support/index.js';

describeEachModeInProofs('a job that has to start before a time, in %s mode,', (mode) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode, env: { QUEUES: 'slow' } });
  });
  afterAll(() => stack.stop());

  const letterOf = async (id: string) => (await stack.api.deadLetters()).find(({ jobId }) => jobId === id);

  test('succeeds where it starts in time, however long it runs, and is retried after that time', async () => {
    const slow = await stack.api.submit('debug.sleep', { ms: 2_500 }, { startBefore: '2s' }, { prefer: 'wait=20' });
    expect(slow.body).toMatchObject({ state: 'succeeded', attempt: 1 });
    const retried = await stack.api.accepted('debug.fail', { message: 'not yet', times: 2 }, { startBefore: '1s' });
    expect((await stack.api.waitForState(retried, 'succeeded')).attempt).toBe(3);
  });

  test('ends as failed where its queue is paused for too long, with its dead letter, and is not tried again', async () => {
    await stack.api.call('POST', '/queues/slow/pause');
    await waitFor('the pause to be obeyed', async () => {
      const { body } = await stack.api.submit('debug.echo', { value: 0 }, { queue: 'slow' }, { prefer: 'wait=1' });
      return body.state === 'queued';
    });
    const bound = new Date(Date.now() + 1_500).toISOString();
    const { body } = await stack.api.submit('debug.echo', { value: 1 }, { queue: 'slow', startBefore: bound, maxAttempts: 5 });
    const other = await stack.api.accepted('debug.echo', { value: 2 }, { queue: 'slow', startBefore: '1h' });
    expect((await stack.api.call('GET', `/jobs/${body.id}`)).body).toMatchObject({ startBefore: bound });
    const waited = await stack.api.call('GET', `/jobs/${body.id}`, undefined, { prefer: 'wait=20' });
    expect(waited.body).toMatchObject({ state: 'failed', attempt: 0, startedAt: null, error: { code: 'expired', attempt: 0 } });
    expect(waited.body.error?.message).toBe(`it had to start before ${bound} and had not started`);
    expect(await letterOf(body.id)).toMatchObject({ reason: 'deadline_passed', kind: 'debug.echo', queue: 'slow' });
    await stack.api.call('POST', '/queues/slow/resume');
    await stack.api.waitForState(other, 'succeeded');
    expect((await stack.api.job(body.id)).state).toBe('failed');
  });

  test('ends as failed where all slots are busy for too long, and runs when it is put back by hand', async () => {
    await stack.api.call('POST', '/kinds/debug.echo/pause');
    await waitFor('the pause to be obeyed', async () => (await stack.api.submit('debug.echo', { value: 0 }, {}, { prefer: 'wait=1' })).body.state === 'queued');
    const id = await stack.api.accepted('debug.echo', { value: 1 }, { startBefore: 500 });
    await stack.api.waitForState(id, 'failed');
    await stack.api.call('POST', '/kinds/debug.echo/resume');
    expect((await stack.api.call('POST', `/jobs/${id}/redrive`)).status).toBe(202);
    await stack.api.waitForState(id, 'succeeded');
  });

  test.each([
    ['in the past', '2020-01-31T08:00:00Z'],
    ['of no time at all', 0],
    ['that is no time', 'tomorrow'],
    ['without an offset', '2036-01-31T08:00:00'],
    ['of another type', true],
  ])('is refused with 422 and a pointer for a time %s', async (_, startBefore) => {
    const { status, body } = await stack.api.call<{ errors: { pointer: string }[] }>('POST', '/jobs', {
      kind: 'debug.echo',
      payload: { value: 1 },
      options: { startBefore },
    });
    expect([status, body.errors.map(({ pointer }) => pointer)]).toEqual([422, ['/options/startBefore']]);
  });
});
