// Ring 2: .ci/run runs this file.
import type { Problem, ScheduleDetail } from '@app/contracts';
import { type App, describeEachModeInProofs, spawnApp, type Stack, startStack, waitFor } from '../support/index.js';

/** Gateways that share a database with other tests. */
const SMALL = { DATABASE_POOL: '3', READ_POOL: '1' };
const EACH_SECOND = { kind: 'debug.echo', payload: { value: 'tick' }, spec: { cron: '* * * * * *' }, overlap: 'allow' };

describeEachModeInProofs('schedules in %s mode', (mode) => {
  let stack: Stack;
  let others: App[];
  beforeAll(async () => {
    stack = await startStack({ mode, env: SMALL });
    others = await Promise.all([1, 2].map(() => spawnApp('gateway', stack.env)));
  });
  afterAll(async () => {
    await Promise.all(others.filter((app) => app.isRunning()).map((app) => app.stop()));
    await stack.stop();
  });

  interface Ticks {
    ticks: number;
    jobs: number;
    seconds: number;
    submitted: number;
  }
  const ticksOf = async (id: string): Promise<Ticks> => {
    const [row] = await stack.query<Ticks>(
      `SELECT count(*)::integer AS ticks, coalesce((extract(epoch FROM max(tick) - min(tick)) + 1)::integer, 0) AS seconds,
              count(*) FILTER (WHERE outcome = 'submitted')::integer AS submitted,
              (SELECT count(*) FROM jobs WHERE origin->'schedule'->>'id' = $1)::integer AS jobs
       FROM schedule_ticks WHERE schedule_id = $1`,
      [id],
    );
    return row as Ticks;
  };

  test('each second, with three gateways of which one is killed, each tick has one job, and each job succeeds', async () => {
    expect((await stack.api.call('PUT', '/schedules/each-second', EACH_SECOND)).status).toBe(201);
    await waitFor('some ticks', async () => (await ticksOf('each-second')).ticks >= 6, { timeoutMs: 90_000 });
    others[0]?.kill('SIGKILL');
    await waitFor('more ticks', async () => (await ticksOf('each-second')).ticks >= 15, { timeoutMs: 90_000 });
    await stack.api.call('POST', '/schedules/each-second/pause', { by: 'test' });
    const { ticks, seconds, jobs, submitted } = await ticksOf('each-second');
    expect({ seconds, jobs, submitted }).toEqual({ seconds: ticks, jobs: ticks, submitted: ticks });
    await waitFor('all jobs to succeed', async () => {
      const [open] = await stack.query<{ count: number }>(`SELECT count(*)::integer AS count FROM jobs WHERE origin IS NOT NULL AND state <> 'succeeded'`);
      return open?.count === 0;
    });
  });

  test('a job runs soon after its tick', async () => {
    const at = new Date(Date.now() + 2_000).toISOString();
    expect((await stack.api.call('PUT', '/schedules/once', { ...EACH_SECOND, spec: { at } })).status).toBe(201);
    const job = await waitFor('its job', async () => (await stack.api.call<{ items: { id: string }[] }>('GET', '/jobs?tag=schedule:once')).body.items[0]);
    expect((await stack.api.waitForState(job.id, 'succeeded')).schedule).toEqual({ id: 'once', tick: at, previousTick: null });
    expect((await stack.api.call<ScheduleDetail>('GET', '/schedules/once')).body).toMatchObject({
      nextTick: null,
      nextRuns: [],
      ticks: [{ outcome: 'submitted' }],
    });
  });

  test('a job that does not end lets the next ticks be skipped, and another one is made when it is cancelled', async () => {
    const sleeper = { kind: 'debug.sleep', payload: { ms: 600_000 }, spec: { every: '1s' }, overlap: 'skip' };
    await stack.api.call('PUT', '/schedules/sleeper', sleeper);
    const job = await waitFor('its job', async () => (await stack.api.call<{ items: { id: string }[] }>('GET', '/jobs?tag=schedule:sleeper')).body.items[0]);
    await waitFor('skipped ticks', async () => (await ticksOf('sleeper')).ticks >= 3);
    expect((await ticksOf('sleeper')).jobs).toBe(1);
    await stack.api.call('POST', `/jobs/${job.id}/cancel`);
    await waitFor('a second job', async () => (await ticksOf('sleeper')).jobs === 2);
    await stack.api.call('DELETE', '/schedules/sleeper');
    const { body } = await stack.api.call<{ items: { id: string; state: string }[] }>('GET', '/jobs?tag=schedule:sleeper');
    for (const { id } of body.items) await stack.api.call('POST', `/jobs/${id}/cancel`);
  });

  test('the metrics say what became of ticks, and how late their jobs were made', async () => {
    const text = await (await fetch(`${stack.gateway.url}/metrics`)).text();
    expect(text).toMatch(/longhaul_schedule_ticks_total\{outcome="submitted"\} [1-9]/);
    expect(text).toMatch(/longhaul_schedule_lag_seconds_count [1-9]/);
  });

  test.each<[what: string, id: string, body: unknown, pointer: string | undefined]>([
    ['no body', 'x', undefined, undefined],
    ['a list', 'x', [], ''],
    ['an id with a space', 'a%20b', EACH_SECOND, '/id'],
    ['an id that is too long', 'a'.repeat(92), EACH_SECOND, '/id'],
    ['an id with U+0000', 'a%00', EACH_SECOND, '/id'],
    ['no kind', 'x', { payload: {}, spec: { every: '1m' } }, '/kind'],
    ['an unknown kind', 'x', { ...EACH_SECOND, kind: 'debug.eco' }, '/kind'],
    ['one of our own kinds', 'x', { ...EACH_SECOND, kind: 'longhaul.rekey' }, '/kind'],
    ['a payload that its kind refuses', 'x', { ...EACH_SECOND, payload: {}, kind: 'debug.sleep' }, '/payload/ms'],
    ['half a surrogate pair', 'x', '{"kind":"debug.echo","payload":{"value":"\\ud800"},"spec":{"every":"1m"}}', '/payload/value'],
    ['U+0000 in the description', 'x', { ...EACH_SECOND, description: 'a\u0000b' }, '/description'],
    ['a spec of two sorts', 'x', { ...EACH_SECOND, spec: { cron: '* * * * *', every: '1m' } }, '/spec'],
    ['a pattern of 201 characters', 'x', { ...EACH_SECOND, spec: { cron: `${'0,'.repeat(96)}0 * * * *` } }, '/spec/cron'],
    ['a pattern that is an object', 'x', { ...EACH_SECOND, spec: { cron: { toString: 1 } } }, '/spec/cron'],
    ['a zone that is none', 'x', { ...EACH_SECOND, spec: { cron: '* * * * *', timezone: 'Europe/Berln' } }, '/spec/timezone'],
    ['an interval below a second', 'x', { ...EACH_SECOND, spec: { every: 10 } }, '/spec/every'],
    ['a time in the past', 'x', { ...EACH_SECOND, spec: { at: '2020-01-01T00:00:00Z' } }, '/spec/at'],
    ['a number out of range', 'x', { ...EACH_SECOND, pauseAfterFailures: 1e9 }, '/pauseAfterFailures'],
    ['an option that says when', 'x', { ...EACH_SECOND, options: { runAt: '2099-01-01T00:00:00Z' } }, '/options/runAt'],
    ['a tag of ours', 'x', { ...EACH_SECOND, options: { tags: ['schedule:x'] } }, '/options/tags/0'],
    ['an option that there is not', 'x', { ...EACH_SECOND, options: { prio: 3 } }, '/options/prio'],
    ['a field that belongs elsewhere', 'x', { ...EACH_SECOND, cron: '* * * * *' }, '/cron'],
    ['null', 'x', { ...EACH_SECOND, overlap: null }, '/overlap'],
  ])('are refused, with a pointer to it, for %s', async (_what, id, body, pointer) => {
    const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
    const answer = await fetch(`${stack.gateway.url}/schedules/${id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      ...(text === undefined ? {} : { body: text }),
    });
    const problem = (await answer.json()) as Problem;
    expect([answer.status, problem.errors?.[0]?.pointer]).toEqual([pointer === undefined ? 400 : 422, pointer]);
    expect((await stack.api.call('GET', '/schedules/x')).status).toBe(404);
  });

  test.each([
    ['if-match', '3'],
    ['if-match', 'W/"3"'],
    ['if-match', '"x"'],
    ['if-match', '"99999999999999999999"'],
    ['if-none-match', '"3"'],
  ])('are not overwritten where %s is %s: it is refused', async (name, value) => {
    const { status, body } = await stack.api.call<Problem>('PUT', '/schedules/x', EACH_SECOND, { [name]: value });
    expect([status, body.type]).toEqual([400, '/problems/malformed-request']);
  });

  test('no other job may have a tag of theirs', async () => {
    const { status, body } = await stack.api.call<Problem>('POST', '/jobs', { kind: 'debug.echo', payload: { value: 1 }, options: { tags: ['schedule:x'] } });
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, '/options/tags/0']);
  });
});
