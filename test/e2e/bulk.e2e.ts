import type { MatchingJobs } from '@app/contracts';
import { describeEachModeInProofs, type Stack, startStack, waitFor } from '../support/index.js';

describeEachModeInProofs('an act on many jobs, in %s mode,', (mode) => {
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
  type Path = 'cancel' | 'redrive' | 'reprioritise' | 'move' | 'discard';
  const act = (path: Path, body: object, headers?: Record<string, string>) => stack.api.call('POST', `/jobs/${path}`, body, headers);
  const ended = async (path: Path, body: object) => {
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

  test('gives jobs that wait another priority, and counts those alone that it would change', async () => {
    await many(3, 'late');
    const body = { filter: { tag: 'late' }, priority: 9, reason: 'the month ends', by: 'anna' };
    const counted = await stack.api.call<MatchingJobs>('POST', '/jobs/reprioritise', { ...body, dryRun: true });
    expect(counted).toMatchObject({ status: 200, body: { matching: 3 } });
    expect((await ended('reprioritise', body)).result).toEqual({ matched: 3, changed: 3 });
    expect(await stack.query(`SELECT DISTINCT priority FROM jobs WHERE tags @> ARRAY['late']`)).toEqual([{ priority: 9 }]);
    expect((await stack.api.call<MatchingJobs>('POST', '/jobs/reprioritise', { ...body, dryRun: true })).body.matching).toBe(0);
    const [entry] = await stack.query<{ detail: object }>(
      `SELECT detail FROM audit WHERE action = 'reprioritiseJobs' AND detail::text LIKE '%the month ends%' LIMIT 1`,
    );
    expect(entry?.detail).toMatchObject({ request: { priority: 9, by: 'anna' } });
  });

  test('moves jobs that wait to another queue, out of a paused one too, where each runs once', async () => {
    for (const queue of ['from', 'to']) expect((await stack.api.call('PUT', `/queues/${queue}`, {})).status).toBeLessThan(300);
    await stack.api.call('POST', '/queues/from/pause');
    const waiting = await Promise.all(
      Array.from({ length: 40 }, (_, index) => stack.api.accepted('debug.effect', { key: `moved ${index}` }, { queue: 'from', tags: ['moved'] })),
    );
    const delayed = await stack.api.accepted('debug.effect', { key: 'moved later' }, { queue: 'from', tags: ['moved'], delay: '3s' });
    expect((await ended('move', { filter: { queue: 'from' }, queue: 'to' })).result).toEqual({ matched: 41, changed: 41 });
    await Promise.all([...waiting, delayed].map((id) => stack.api.waitForState(id, 'succeeded', 30_000)));
    await stack.api.call('POST', '/queues/from/resume');
    const rows = await stack.query<{ queue: string; attempts: number; jobs: number }>(
      `SELECT queue, max(attempt) AS attempts, count(*)::integer AS jobs FROM jobs WHERE tags @> ARRAY['moved'] GROUP BY queue`,
    );
    expect(rows).toEqual([{ queue: 'to', attempts: 1, jobs: 41 }]);
    const [effects] = await stack.query<{ count: number }>(`SELECT count(*)::integer AS count FROM debug_effects WHERE key LIKE 'moved %'`);
    expect(effects?.count).toBe(41);
  });

  test('leaves jobs in a paused queue to which it has moved them, whatever messages of the former one are under way', async () => {
    for (const queue of ['open', 'shut']) await stack.api.call('PUT', `/queues/${queue}`, {});
    await stack.api.call('POST', '/queues/shut/pause');
    // With a broker the slots of the queue are taken, so that its messages wait in RabbitMQ; without one all queues have the same slots.
    if (mode === 'single-process') await stack.api.call('POST', '/queues/open/pause');
    const blockers = await Promise.all(
      (mode === 'distributed' ? [1, 2, 3, 4, 5] : []).map(() => stack.api.accepted('debug.sleep', { ms: 600_000 }, { queue: 'open', tags: ['blocker'] })),
    );
    await Promise.all(blockers.map((id) => stack.api.waitForState(id, 'running')));
    const ids = await Promise.all([1, 2, 3].map(() => stack.api.accepted('debug.echo', { value: 1 }, { queue: 'open', tags: ['parked'] })));
    expect((await ended('move', { filter: { tag: 'parked' }, queue: 'shut' })).result).toEqual({ matched: 3, changed: 3 });
    if (mode === 'distributed') await ended('cancel', { filter: { tag: 'blocker' } });
    await stack.api.call('POST', '/queues/open/resume');
    const after = await stack.api.accepted('debug.echo', { value: 1 }, { queue: 'open' });
    await stack.api.waitForState(after, 'succeeded', 30_000);
    expect(await counts('parked')).toEqual({ queued: 3 });
    await stack.api.call('POST', '/queues/shut/resume');
    await Promise.all(ids.map((id) => stack.api.waitForState(id, 'succeeded', 30_000)));
  });

  test('is for a selection of jobs by their ids, and leaves others alone', async () => {
    const chosen = await Promise.all(Array.from({ length: 120 }, () => later('chosen')));
    await later('chosen');
    const filter = { id: chosen };
    const counted = await act('cancel', { filter, dryRun: true });
    expect(counted).toMatchObject({ status: 200, body: { matching: 120 } });
    expect((await ended('cancel', { filter })).result).toEqual({ matched: 120, changed: 120 });
    expect(await counts('chosen')).toEqual({ cancelled: 120, scheduled: 1 });
  });

  test('puts away the letters of failed jobs of a selection, which stay failed and can still be put back', async () => {
    const ids = await Promise.all([1, 2].map(() => stack.api.accepted('debug.fail', { message: 'no', times: 1 }, { maxAttempts: 1, tags: ['away'] })));
    await Promise.all(ids.map((id) => stack.api.waitForState(id, 'failed')));
    const body = { filter: { id: [ids[0]] }, reason: 'the account is closed', by: 'anna' };
    expect((await act('discard', { ...body, dryRun: true })).body).toMatchObject({ matching: 1, samples: [{ id: ids[0] }] });
    expect((await ended('discard', body)).result).toEqual({ matched: 1, changed: 1 });
    expect(await counts('away')).toEqual({ failed: 2 });
    const letters = await stack.query<{ away: boolean; discard: object | null }>(
      `SELECT discarded_at IS NOT NULL AS away, discard FROM dead_letters WHERE job_id = ANY ($1::uuid[]) ORDER BY discarded_at`,
      [ids],
    );
    expect(letters).toEqual([
      { away: true, discard: { reason: 'the account is closed', by: 'anna' } },
      { away: false, discard: null },
    ]);
    expect((await act('discard', { filter: { tag: 'away' }, dryRun: true })).body).toMatchObject({ matching: 1 });
    expect((await ended('redrive', { filter: { id: ids } })).result).toEqual({ matched: 2, changed: 2 });
  });

  test('with ids that no job has is refused whole, and says which they are', async () => {
    const id = await later('known');
    const nobody = '00000000-0000-7000-8000-000000000000';
    for (const dryRun of [true, false]) {
      const refused = await stack.api.call<{ errors: { pointer: string }[] }>('POST', '/jobs/cancel', { filter: { id: [id, nobody] }, dryRun });
      expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/filter/id/1' }] } });
    }
    expect(await counts('known')).toEqual({ scheduled: 1 });
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
    ['more ids than a selection may have', 'cancel', { filter: { id: Array.from({ length: 1_001 }, () => 'a') } }, '/filter/id'],
    ['a state that no letter is of', 'discard', { filter: { state: 'running' } }, '/filter/state'],
    ['a tag with a NUL', 'cancel', { filter: { tag: 'a\u0000' } }, '/filter/tag'],
    ['a time that is none', 'cancel', { filter: { before: 'yesterday' } }, '/filter/before'],
    ['a list in place of a filter', 'cancel', { filter: [] }, '/filter'],
    ['no rate at all', 'cancel', { all: true, rate: 0 }, '/rate'],
    ['a reason that is no text', 'redrive', { all: true, reason: 7 }, '/reason'],
    ['no priority', 'reprioritise', { all: true }, '/priority'],
    ['a priority that there is not', 'reprioritise', { all: true, priority: 10 }, '/priority'],
    ['a running state for a new priority', 'reprioritise', { filter: { state: 'running' }, priority: 1 }, '/filter/state'],
    ['a priority for a move', 'move', { all: true, queue: 'default', priority: 1 }, '/priority'],
    ['no queue', 'move', { all: true }, '/queue'],
    ['a queue that nobody has declared', 'move', { all: true, queue: 'nowhere' }, '/queue'],
    ['the queue of its own filter', 'move', { filter: { queue: 'default' }, queue: 'default' }, '/queue'],
    ['a kind of Longhaul for a move', 'move', { filter: { kind: 'longhaul.webhook' }, queue: 'default' }, '/filter/kind'],
    ['a group for a cancel', 'cancel', { filter: { group: '0123456789abcdef' } }, '/filter/group'],
    ['a group that is none', 'redrive', { filter: { group: 'x' } }, '/filter/group'],
  ] as const)('with %s is refused', async (_, path, body, pointer) => {
    const refused = await stack.api.call<{ errors: { pointer: string }[] }>('POST', `/jobs/${path}`, body);
    expect(refused.status).toBe(422);
    expect(refused.body.errors.map((error) => error.pointer)).toEqual([pointer]);
  });
});
