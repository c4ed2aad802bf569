// Ring 2: .ci/run runs this file.
import { type App, describeEachModeInProofs, spawnApp, type Stack, startStack, waitFor } from '../support/index.js';

interface Pause {
  paused: boolean;
  pausedAt: string | null;
  pausedBy: string | null;
  pauseReason: string | null;
}

const NOT_PAUSED: Pause = { paused: false, pausedAt: null, pausedBy: null, pauseReason: null };
/** A second is promised; a test machine that has much else to do may take another. */
const OBEYED_SECONDS = 2;

describeEachModeInProofs('a pause, in %s mode,', (mode) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode, env: { QUEUES: 'slow' } });
  });
  const others: App[] = [];
  afterAll(async () => {
    await Promise.all(others.map((app) => app.stop()));
    await stack.stop();
  });

  const kinds = async () => (await stack.api.call<{ items: (Pause & { kind: string })[] }>('GET', '/kinds')).body.items;
  const queues = async () => (await stack.api.call<{ items: (Pause & { name: string })[] }>('GET', '/queues')).body.items;

  /** Submits jobs of a kind one after the other until it is told to stop. */
  function submitting(kind: string, payload: object, options: object) {
    const ids: string[] = [];
    const state = { going: true };
    const done = (async () => {
      while (state.going) ids.push(await stack.api.accepted(kind, payload, options));
    })();
    return {
      ids,
      stop: async () => {
        state.going = false;
        await done;
      },
    };
  }

  /** Jobs of these that were started so many seconds after the pause began, by the database's clock. */
  async function startedAfter(ids: string[], pausedAt: string, seconds: number): Promise<number> {
    const [row] = await stack.query<{ jobs: number }>(
      `SELECT count(*)::integer AS jobs FROM jobs WHERE id = ANY ($1::uuid[]) AND started_at > $2::timestamptz + $3::float8 * interval '1 second'`,
      [ids, pausedAt, seconds],
    );
    return row?.jobs ?? 0;
  }

  const passed = (time: string, seconds: number) =>
    waitFor(`${seconds} s after ${time}`, async () => {
      const [row] = await stack.query<{ over: boolean }>(`SELECT now() > $1::timestamptz + $2::float8 * interval '1 second' AS over`, [time, seconds]);
      return row?.over === true;
    });

  test('of a kind is obeyed within a second, holds for this kind alone, and what has waited runs after it', async () => {
    const load = submitting('debug.echo', { value: 1 }, {});
    await waitFor('a job to succeed', async () => load.ids[0] !== undefined && (await stack.api.job(load.ids[0])).state === 'succeeded');
    const { status, body } = await stack.api.call<Pause>('POST', '/kinds/debug.echo/pause', { reason: 'wrong echo', by: 'anna' });
    expect([status, body]).toEqual([200, { kind: 'debug.echo', paused: true, pausedAt: expect.any(String), pausedBy: 'anna', pauseReason: 'wrong echo' }]);
    const pausedAt = body.pausedAt ?? '';
    await passed(pausedAt, OBEYED_SECONDS + 1);
    await load.stop();
    const other = await stack.api.submit('debug.sleep', { ms: 1 }, {}, { prefer: 'wait=20' });
    expect(other.body.state).toBe('succeeded');
    expect(await startedAfter(load.ids, pausedAt, OBEYED_SECONDS)).toBe(0);
    expect((await stack.api.job(load.ids.at(-1) ?? '')).state).toBe('queued');
    expect((await kinds()).find(({ kind }) => kind === 'debug.echo')).toMatchObject({ paused: true, pausedAt, pausedBy: 'anna', pauseReason: 'wrong echo' });
    expect((await kinds()).find(({ kind }) => kind === 'debug.sleep')).toMatchObject(NOT_PAUSED);

    const resumed = await stack.api.call<Pause>('POST', '/kinds/debug.echo/resume');
    expect([resumed.status, resumed.body]).toEqual([200, { kind: 'debug.echo', ...NOT_PAUSED }]);
    await waitFor(
      'all jobs to have succeeded',
      async () => {
        const rows = await stack.query<{ state: string }>(`SELECT DISTINCT state FROM jobs WHERE id = ANY ($1::uuid[])`, [load.ids]);
        return rows.length === 1 && rows[0]?.state === 'succeeded';
      },
      { timeoutMs: 60_000 },
    );
    expect((await kinds()).find(({ kind }) => kind === 'debug.echo')).toMatchObject(NOT_PAUSED);
  });

  test('of a kind lets a job go on that runs', async () => {
    const sleeping = await stack.api.accepted('debug.sleep', { ms: 1_500 });
    await stack.api.waitForState(sleeping, 'running');
    expect((await stack.api.call('POST', '/kinds/debug.sleep/pause')).status).toBe(200);
    expect((await stack.api.waitForState(sleeping, 'succeeded')).attempt).toBe(1);
    expect((await stack.api.call('POST', '/kinds/debug.sleep/resume')).status).toBe(200);
  });

  test('of a kind that nobody knows is 404, and a note that is not valid is 422 with a pointer', async () => {
    for (const path of ['/kinds/debug.ecko/pause', '/kinds/debug.ecko/resume', '/kinds/longhaul.webhook/pause', '/kinds/%00/resume'])
      expect([path, (await stack.api.call('POST', path)).status]).toEqual([path, 404]);
    const bad: [body: unknown, pointer: string][] = [
      [{ reason: '' }, '/reason'],
      [{ reason: 'x'.repeat(501) }, '/reason'],
      [{ by: 7 }, '/by'],
      [{ by: 'a\u0000b' }, '/by'],
      [{ why: 'because' }, '/why'],
      [['reason'], ''],
    ];
    for (const path of ['/kinds/debug.echo/pause', '/queues/slow/pause'])
      for (const [body, pointer] of bad) {
        const answer = await stack.api.call<{ errors: { pointer: string }[] }>('POST', path, body);
        expect([path, body, answer.status, answer.body.errors.map((fault) => fault.pointer)]).toEqual([path, body, 422, [pointer]]);
      }
    expect((await kinds()).filter(({ paused }) => paused)).toEqual([]);
  });

  test('of a queue says since when, by whom and why, keeps its time when it is repeated, and forgets all when it is resumed', async () => {
    const first = await stack.api.call<Pause>('POST', '/queues/slow/pause', { reason: 'repair', by: 'anna' });
    expect(first.body).toEqual({ name: 'slow', paused: true, pausedAt: expect.any(String), pausedBy: 'anna', pauseReason: 'repair' });
    const again = await stack.api.call<Pause>('POST', '/queues/slow/pause', { by: 'ben' });
    expect(again.body).toEqual({ ...first.body, pausedBy: 'ben' });
    expect((await queues()).find(({ name }) => name === 'slow')).toMatchObject(again.body);
    expect((await stack.api.call('POST', '/queues/slow/resume')).body).toEqual({ name: 'slow', ...NOT_PAUSED });
    expect((await queues()).find(({ name }) => name === 'slow')).toMatchObject(NOT_PAUSED);
  });

  test('of a queue is obeyed within a second', async () => {
    const load = submitting('debug.echo', { value: 1 }, { queue: 'slow' });
    await waitFor('a job to succeed', async () => load.ids[0] !== undefined && (await stack.api.job(load.ids[0])).state === 'succeeded');
    const { body } = await stack.api.call<Pause>('POST', '/queues/slow/pause');
    await passed(body.pausedAt ?? '', OBEYED_SECONDS + 1);
    await load.stop();
    expect(await startedAfter(load.ids, body.pausedAt ?? '', OBEYED_SECONDS)).toBe(0);
    await stack.api.call('POST', '/queues/slow/resume');
    await waitFor(
      'all jobs to have succeeded',
      async () => {
        const rows = await stack.query<{ state: string }>(`SELECT DISTINCT state FROM jobs WHERE id = ANY ($1::uuid[])`, [load.ids]);
        return rows.length === 1 && rows[0]?.state === 'succeeded';
      },
      { timeoutMs: 60_000 },
    );
  });

  test('of a kind holds for a process that starts while it lasts', async () => {
    const { body } = await stack.api.call<Pause>('POST', '/kinds/debug.echo/pause');
    await passed(body.pausedAt ?? '', OBEYED_SECONDS);
    const id = await stack.api.accepted('debug.echo', { value: 1 });
    const started = await spawnApp(mode === 'distributed' ? 'worker' : 'gateway', stack.env);
    others.push(started);
    await waitFor('the new process to work', async () => (await stack.query('SELECT FROM workers WHERE lease_until > now()')).length >= 2);
    const other = await stack.api.submit('debug.sleep', { ms: 1 }, {}, { prefer: 'wait=20' });
    expect([other.body.state, (await stack.api.job(id)).state]).toEqual(['succeeded', 'queued']);
    await stack.api.call('POST', '/kinds/debug.echo/resume');
    await stack.api.waitForState(id, 'succeeded');
  });
});
