// Ring 2: .ci/run runs this file.
import type { StatsHistory, StatsView, WorkerList } from '@app/contracts';
import { describeEachModeInProofs, describeWithBroker, SseReader, type Stack, startStack, waitFor } from '../support/index.js';

type Counts = StatsView['lastMinute'];

/** For `waitFor`: an expectation that is met. */
const holds = (expectation: () => Promise<void>) => async () => {
  await expectation();
  return true;
};

describeEachModeInProofs('the figures, in %s mode,', (mode) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode, workers: 2, env: { WORKER_CONCURRENCY: '3' } });
  });
  afterAll(() => stack.stop());

  const stats = async () => (await stack.api.call<StatsView>('GET', '/stats')).body;
  const history = async (query = '') => (await stack.api.call<StatsHistory>('GET', `/stats/history${query}`)).body;
  const sum = (points: Counts[], of: keyof Counts) => points.reduce((total, point) => total + point[of], 0);

  test('are those of the jobs that ran: in the ledger at once, in the counts of queue, kind and all when processes have written them', async () => {
    const echoes = await Promise.all(Array.from({ length: 12 }, (_, value) => stack.api.accepted('debug.echo', { value })));
    const failing = await Promise.all([1, 2].map(() => stack.api.accepted('debug.fail', { message: 'no', retryable: false })));
    const slept = await stack.api.accepted('debug.sleep', { ms: 1_500 });
    const [later, running] = [await stack.api.accepted('debug.echo', { value: 1 }, { delay: '1h' }), await stack.api.accepted('debug.sleep', { ms: 600_000 })];
    for (const id of [...echoes, slept]) await stack.api.waitForState(id, 'succeeded');
    for (const id of failing) await stack.api.waitForState(id, 'failed');
    await stack.api.waitForState(running, 'running');

    const ledger = { accepted: 17, scheduled: 1, queued: 0, running: 1, succeeded: 13, failed: 2, cancelled: 0 };
    await waitFor(
      'the ledger to have all of them',
      holds(async () => expect((await stats()).ledger).toMatchObject(ledger)),
      { timeoutMs: 90_000 },
    );
    const counts = { accepted: 17, started: 16, succeeded: 13, failed: 2, cancelled: 0, retried: 0 };
    const counted = await waitFor(
      'what processes have counted to be written',
      async () => {
        const found = await history();
        expect(Object.fromEntries(Object.keys(counts).map((name) => [name, sum(found.points, name as keyof Counts)]))).toEqual(counts);
        return found;
      },
      { timeoutMs: 90_000 },
    );
    expect(counted).toMatchObject({ stepSeconds: 10, queue: null, kind: null });
    expect(counted.points.length).toBeGreaterThanOrEqual(90);

    const of = await history('?kind=debug.sleep&step=1m');
    expect([sum(of.points, 'started'), sum(of.points, 'succeeded')]).toEqual([2, 1]);
    const { p50Seconds, meanSeconds } = of.points.find(({ run }) => run.count === 1)?.run ?? {};
    expect(meanSeconds).toBeGreaterThanOrEqual(1.5);
    expect(p50Seconds).toBeGreaterThan(1);
    expect(sum((await history('?queue=default&kind=debug.fail')).points, 'failed')).toBe(2);
    expect(sum((await history('?queue=nowhere')).points, 'started')).toBe(0);

    const now = await stats();
    expect(now.jobs).toEqual({ scheduled: 1, queued: 0, running: 1 });
    expect(now.workers).toMatchObject({ live: mode === 'distributed' ? 2 : 1, late: 0, slotsUsed: 1 });
    expect(now.queues.find(({ name }) => name === 'default')).toMatchObject({ running: 1, scheduled: 1, slots: mode === 'distributed' ? 6 : null });
    if (mode === 'single-process') expect(now.workers.slots).toBe(3);
    expect(now.failures).toMatchObject([{ source: 'job', kind: 'debug.fail', count: 2, open: 2 }]);
    expect(now.verdict).toMatchObject({ ok: false, level: 'warning', code: 'new_failures', link: '/dead-letters' });
    expect(now.verdict.message).toMatch(/^2 jobs have failed in the last hour, all of debug\.fail/);

    await stack.api.call('POST', `/jobs/${running}/cancel`);
    await stack.api.call('POST', `/jobs/${later}/cancel`);
    await waitFor(
      'both to be cancelled',
      holds(async () => expect((await stats()).ledger).toMatchObject({ cancelled: 2, running: 0, scheduled: 0 })),
      { timeoutMs: 90_000 },
    );
    await waitFor(
      'the attempt that a cancel has ended',
      holds(async () => expect(sum((await history()).points, 'cancelled')).toBe(1)),
      { timeoutMs: 90_000 },
    );
  }, 180_000);

  test('come each second to all readers as the same snapshot', async () => {
    const [one, other] = await Promise.all([SseReader.open(`${stack.gateway.url}/stats/stream`), SseReader.open(`${stack.gateway.url}/stats/stream`)]);
    const snapshots = (reader: SseReader) => reader.events.filter(({ event }) => event === 'stats').map(({ data }) => JSON.stringify(data));
    await waitFor('four snapshots', () => snapshots(one).length >= 4 && snapshots(other).length >= 4, { timeoutMs: 90_000 });
    const seen = snapshots(one);
    const shared = snapshots(other).filter((text) => seen.includes(text));
    expect(shared.length).toBeGreaterThanOrEqual(3);
    expect(new Set(seen).size).toBe(seen.length);
    const [, second, third] = one.events as unknown as { data: StatsView }[];
    // Sooner than after a second where something has changed, and five in a second at most.
    expect(Date.parse(String(third?.data.at)) - Date.parse(String(second?.data.at))).toBeGreaterThanOrEqual(150);
    one.close();
    other.close();
  }, 180_000);

  test('come with the workers to those who want them, and to no others', async () => {
    const [one, other] = await Promise.all([
      SseReader.open(`${stack.gateway.url}/stats/stream?with=workers`),
      SseReader.open(`${stack.gateway.url}/stats/stream`),
    ]);
    const leases = () => one.events.filter(({ event }) => event === 'workers').map(({ data }) => (data as unknown as WorkerList).items[0]?.leaseUntil ?? '');
    await waitFor('a lease that is renewed', () => new Set(leases()).size >= 2 && one.events.some(({ event }) => event === 'stats'), { timeoutMs: 90_000 });
    expect(leases()).toEqual(leases().toSorted());
    expect(new Set(other.events.map(({ event }) => event))).toEqual(new Set(['stats']));
    one.close();
    other.close();
  }, 180_000);

  test('tell a queue that is paused, and one that nobody takes from', async () => {
    await stack.api.call('PUT', '/queues/held', {});
    await stack.api.call('POST', '/queues/held/pause', { by: 'ada' });
    const id = await stack.api.accepted('debug.echo', { value: 1 }, { queue: 'held' });
    await waitFor(
      'the queue to be told',
      holds(async () => expect((await stats()).queues.find(({ name }) => name === 'held')).toMatchObject({ paused: true, queued: 1 })),
      { timeoutMs: 90_000 },
    );
    expect((await stats()).verdict).toMatchObject({
      level: 'warning',
      code: 'queue_paused',
      message: 'Queue held is paused by ada; 1 job waits in it.',
      more: 1,
    });
    await waitFor(
      'its depth in the course of time',
      holds(async () => expect((await history('?queue=held')).queues[0]?.points[0]).toMatchObject({ queued: 1 })),
      {
        timeoutMs: 90_000,
      },
    );
    await stack.api.call('POST', `/jobs/${id}/cancel`);
  }, 180_000);
});

describeWithBroker('the figures of an installation whose worker has gone', () => {
  test('say that its queue has nobody, and have what the worker had counted when it was stopped', async () => {
    const stack = await startStack({ mode: 'distributed', workers: 1 });
    try {
      const id = await stack.api.accepted('debug.echo', { value: 1 });
      await stack.api.waitForState(id, 'succeeded');
      await stack.workers[0]?.stop();
      const written = await stack.query<{ succeeded: number }>(`SELECT succeeded FROM stats WHERE step = 60 AND kind = '' AND succeeded > 0`);
      expect(written).toEqual([{ succeeded: 1 }]);
      await stack.api.accepted('debug.echo', { value: 2 });
      const told = await waitFor(
        'the verdict',
        async () => {
          const { verdict } = (await stack.api.call<StatsView>('GET', '/stats')).body;
          expect(verdict).toMatchObject({ level: 'error', code: 'no_worker', link: '/workers' });
          return verdict;
        },
        { timeoutMs: 90_000 },
      );
      expect(told.message).toMatch(/^1 job of queue default waits for a worker, the oldest for \d+ s: none takes this queue\.$/);
    } finally {
      await stack.stop();
    }
  }, 120_000);
});
