import type { JobDetail } from '@app/contracts';
import { describeEachMode, type Stack, startStack, waitFor } from '../support/index.js';

describeEachMode('a cancel, in %s mode,', (mode) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode, env: { WORKER_CONCURRENCY: '20' } });
  });
  afterAll(() => stack.stop());

  const cancel = (id: string, body?: object) => stack.api.call('POST', `/jobs/${id}/cancel`, body);
  const cancellation = async (id: string) => (await stack.api.call<JobDetail>('GET', `/jobs/${id}`)).body.cancellation;

  async function running(kind: string, payload: object): Promise<string> {
    const id = await stack.api.accepted(kind, payload);
    await stack.api.waitForState(id, 'running');
    return id;
  }

  test('of a job that has not started is told with who and why, and that it never started; a repeat changes nothing', async () => {
    const id = await stack.api.accepted('debug.echo', { value: 1 }, { delay: '1h' });
    expect(await cancellation(id)).toBeNull();
    expect((await cancel(id, { reason: 'the customer has left', by: 'anna' })).status).toBe(200);
    const first = await cancellation(id);
    expect(first).toMatchObject({ reason: 'the customer has left', by: 'anna', outcome: 'not_started', acknowledgedAt: null, graceMs: null });
    expect((await cancel(id, { reason: 'another one' })).status).toBe(200);
    expect(await cancellation(id)).toEqual(first);
  });

  test('of a running job ends it, and tells when its handler heard of it', async () => {
    const id = await running('debug.sleep', { ms: 600_000 });
    expect((await cancel(id, { reason: 'first' })).status).toBe(202);
    await cancel(id, { reason: 'second' });
    await stack.api.waitForState(id, 'cancelled');
    const told = await cancellation(id);
    expect(told).toMatchObject({ reason: 'first', by: null, outcome: 'stopped' });
    expect(Date.parse(told?.acknowledgedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(told?.requestedAt ?? '') - 5);
  });

  test('reaches the handler through a message, and not only by the heartbeat of each second', async () => {
    const waits: number[] = [];
    for (let round = 0; round < 15; round++) {
      const id = await running('debug.sleep', { ms: 600_000 });
      await cancel(id);
      await stack.api.waitForState(id, 'cancelled');
      const { acknowledgedAt, requestedAt } = (await cancellation(id)) as { acknowledgedAt: string; requestedAt: string };
      waits.push(Date.parse(acknowledgedAt) - Date.parse(requestedAt));
    }
    // Of the heartbeat alone half of them would take longer than half a beat.
    expect(waits.filter((ms) => ms > 500).length).toBeLessThan(4);
  });

  test('of a handler that does not obey ends the job after the time that the caller allows, without it', async () => {
    const id = await running('debug.misbehave', { how: 'hang', ms: 60_000 });
    await cancel(id, { graceMs: 100 });
    await stack.api.waitForState(id, 'cancelled');
    expect(await cancellation(id)).toMatchObject({ graceMs: 100, outcome: 'abandoned' });
  });

  test('of a handler that does not obey in a process of its own kills the process', async () => {
    const id = await running('debug.isolated', { do: 'hang' });
    await waitFor(
      'its process to have begun',
      async () => (await stack.query(`SELECT seq FROM job_events WHERE job_id = $1 AND type = 'log'`, [id])).length > 0,
    );
    // It is killed when most of that is over; on a busy machine its end needs some of the rest.
    await cancel(id, { graceMs: 5_000 });
    await stack.api.waitForState(id, 'cancelled', 60_000);
    expect(await cancellation(id)).toMatchObject({ graceMs: 5_000, outcome: 'killed' });
  });

  test('of a job that comes to its end first is told to have been too late', async () => {
    const id = await running('debug.misbehave', { how: 'hang', ms: 1_500 });
    expect((await cancel(id)).status).toBe(202);
    await stack.api.waitForState(id, 'succeeded');
    expect(await cancellation(id)).toMatchObject({ outcome: 'too_late' });
    expect((await cancel(id)).status).toBe(409);
  });

  test.each([
    ['a time that is too long', { graceMs: 5_001 }, '/graceMs'],
    ['a time before now', { graceMs: -1 }, '/graceMs'],
    ['a time as text', { graceMs: '100' }, '/graceMs'],
    ['a broken number of milliseconds', { graceMs: 1.5 }, '/graceMs'],
    ['an empty reason', { reason: '' }, '/reason'],
    ['a reason of 501 characters', { reason: 'x'.repeat(501) }, '/reason'],
    ['a reason with a NUL', { reason: 'a\u0000b' }, '/reason'],
    ['a number as who', { by: 7 }, '/by'],
    ['a field that it does not have', { grace: 1 }, '/grace'],
    ['an array in place of an object', [], ''],
  ])('with %s is refused, and the job goes on', async (_, body, pointer) => {
    const id = await stack.api.accepted('debug.echo', { value: 1 }, { delay: '1h' });
    const refused = await stack.api.call<{ errors: { pointer: string }[] }>('POST', `/jobs/${id}/cancel`, body);
    expect(refused.status).toBe(422);
    expect(refused.body.errors.map((error) => error.pointer)).toEqual([pointer]);
    expect(await cancellation(id)).toBeNull();
  });
});
