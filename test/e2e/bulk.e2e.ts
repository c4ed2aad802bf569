import type { MatchingJobs } from '@app/contracts';
import { describeEachMode, type Stack, startStack, waitFor } from '../support/index.js';

describeEachMode('an act on many jobs, in %s mode,', (mode) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode, env: { WORKER_CONCURRENCY: '5' } });
  });
  afterAll(() => stack.stop());

  const later = (tag: string) => stack.api.accepted('debug.echo', { value: 1 }, { delay: '1h', tags: [tag] });
  const many = (jobs: number, tag: string) => Promise.all(Array.from({ length: jobs }, () => later(tag)));
  const counts = async (tag: string) => {
    const rows = await stack.query<{ state: string; jobs: number }>(
      `SELECT state, count(*)::integer AS jobs FROM jobs WHERE tags @> ARRAY[$1] GROUP BY state ORDER BY state`,
      [tag],
    );
    return Object.fromEntries(rows.map(({ state, jobs }) => [state, jobs]));
  };
  const act = (path: 'cancel' | 'redrive', body: object, headers?: Record<string, string>) => stack.api.call('POST', `/jobs/${path}`, body, headers);
  const ended = async (path: 'cancel' | 'redrive', body: object) => {
    const started = await act(path, body);
    expect(started.status).toBe(202);
    return stack.api.waitForState(started.body.id, 'succeeded', 30_000);
  };

  test('cancels all that match and leaves the others alone, whether they wait, are due or run', async () => {
    await many(30, 'gone');
    await later('stays');
    const running = await Promise.all([1, 2].map(() => stack.api.accepted('debug.sleep', { ms: 600_000 }, { tags: ['gone'] })));
    await Promise.all(running.map((id) => stack.api.waitForState(id, 'running')));
    const counted = await stack.api.call<MatchingJobs>('POST', '/jobs/cancel', { filter: { tag: 'gone' }, dryRun: true });
    expect(counted).toMatchObject({ status: 200, body: { dryRun: true, matching: 32 } });
    expect(counted.body.samples).toHaveLength(20);
    expect(await counts('gone')).toEqual({ running: 2, scheduled: 30 });
    expect((await ended('cancel', { filter: { tag: 'gone' }, reason: 'sent twice', by: 'anna' })).result).toEqual({ matched: 32, changed: 32 });
    await waitFor('all of them to end', async () => (await counts('gone'))['cancelled'] === 32);
    expect(await counts('stays')).toEqual({ scheduled: 1 });
    const [row] = await stack.query<{ cancel: object }>(`SELECT cancel FROM jobs WHERE id = $1`, [running[0]]);
    expect(row?.cancel).toMatchObject({ reason: 'sent twice', by: 'anna', outcome: 'stopped' });
  });

  test('of all jobs leaves itself and other jobs of Longhaul alone, and jobs that come after it', async () => {
    await many(3, 'all');
    const before = new Date().toISOString();
    expect((await ended('cancel', { all: true })).state).toBe('succeeded');
    expect(await counts('all')).toEqual({ cancelled: 3 });
    await later('after');
    await ended('cancel', { filter: { tag: 'after', before } });
    expect(await counts('after')).toEqual({ scheduled: 1 });
  });

  test('puts failed jobs back, by kind', async () => {
    const ids = await Promise.all([1, 2, 3].map(() => stack.api.accepted('debug.fail', { message: 'no', times: 1 }, { maxAttempts: 1, tags: ['failed'] })));
    await Promise.all(ids.map((id) => stack.api.waitForState(id, 'failed')));
    expect((await ended('redrive', { filter: { kind: 'debug.fail', tag: 'failed' } })).result).toEqual({ matched: 3, changed: 3 });
    await Promise.all(ids.map((id) => stack.api.waitForState(id, 'failed')));
    const rows = await stack.query<{ redrives: number }>(`SELECT redrives FROM jobs WHERE tags @> ARRAY['failed']`);
    expect(rows.map(({ redrives }) => redrives)).toEqual([1, 1, 1]);
  });

  test('is for the jobs of several kinds and states, and for those whose error has a text', async () => {
    const failing = (message: string) => stack.api.accepted('debug.fail', { message, times: 1 }, { maxAttempts: 1, tags: ['several'] });
    const failed = await Promise.all([failing('disk full'), failing('no route')]);
    await Promise.all(failed.map((id) => stack.api.waitForState(id, 'failed')));
    const back = { kind: ['debug.fail', 'debug.echo'], state: ['failed'], tag: ['several'], error: 'DISK' };
    expect((await ended('redrive', { filter: back })).result).toEqual({ matched: 1, changed: 1 });
    // The one that is back waits until it has failed again.
    await Promise.all(failed.map((id) => stack.api.waitForState(id, 'failed')));
    await many(2, 'several');
    const counted = await stack.api.call('POST', '/jobs/cancel', { filter: { tag: 'several', state: ['scheduled', 'queued'] }, dryRun: true });
    expect(counted.body).toMatchObject({ matching: 2 });
  });

  test('is one act for one key, also when it is asked for again', async () => {
    const body = { filter: { tag: 'nobody' } };
    const [first, again] = [await act('cancel', body, { 'idempotency-key': 'act-1' }), await act('cancel', body, { 'idempotency-key': 'act-1' })];
    expect(again.body.id).toBe(first.body.id);
  });

  test('ends where it is when it is cancelled', async () => {
    await many(30, 'slow');
    const started = await act('cancel', { filter: { tag: 'slow' }, rate: 1 });
    await waitFor('the first of them', async () => ((await counts('slow'))['cancelled'] ?? 0) > 0);
    await stack.api.call('POST', `/jobs/${started.body.id}/cancel`);
    await stack.api.waitForState(started.body.id, 'cancelled');
    expect((await counts('slow'))['scheduled']).toBeGreaterThan(10);
  });

  test.each([
    ['nothing', 'cancel', {}, '/filter'],
    ['a filter without a condition', 'cancel', { filter: {} }, '/filter'],
    ['all together with a filter', 'cancel', { all: true, filter: { kind: 'a' } }, '/all'],
    ['all as text', 'cancel', { all: 'true' }, '/all'],
    ['a state that no cancel is for', 'cancel', { filter: { state: 'succeeded' } }, '/filter/state'],
    ['a state that no redrive is for', 'redrive', { filter: { state: 'queued' } }, '/filter/state'],
    ['an unknown condition', 'cancel', { filter: { kinds: 'a' } }, '/filter/kinds'],
    ['a kind that is no text', 'cancel', { filter: { kind: 7 } }, '/filter/kind'],
    ['such a kind among others', 'cancel', { filter: { kind: ['a', 7] } }, '/filter/kind/1'],
    ['an id that is none', 'cancel', { filter: { id: 'a' } }, '/filter/id'],
    ['a tag with a NUL', 'cancel', { filter: { tag: 'a\u0000' } }, '/filter/tag'],
    ['a time that is none', 'cancel', { filter: { before: 'yesterday' } }, '/filter/before'],
    ['a list in place of a filter', 'cancel', { filter: [] }, '/filter'],
    ['no rate at all', 'cancel', { all: true, rate: 0 }, '/rate'],
    ['a reason for a redrive', 'redrive', { all: true, reason: 'x' }, '/reason'],
  ] as const)('with %s is refused', async (_, path, body, pointer) => {
    const refused = await stack.api.call<{ errors: { pointer: string }[] }>('POST', `/jobs/${path}`, body);
    expect(refused.status).toBe(422);
    expect(refused.body.errors.map((error) => error.pointer)).toEqual([pointer]);
  });
});
