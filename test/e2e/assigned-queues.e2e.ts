// Ring 2: .ci/run runs this file.
import type { QueueList, WorkerList, WorkerQueues, WorkerView } from '@app/contracts';
import { type App, describeEachModeInProofs, spawnApp, type Stack, startStack, waitFor } from '../support/index.js';

interface Problem {
  type: string;
  detail: string;
  errors?: { pointer: string; detail: string }[];
}
interface Entry {
  target: string;
  detail: { reason?: string; before?: WorkerQueues; after?: WorkerQueues };
}

const SLOTS = 4;

describeEachModeInProofs('queues that are assigned to workers from afar, in %s mode,', (mode) => {
  let stack: Stack;
  let apps: App[];
  beforeAll(async () => {
    stack = await startStack({ mode, workers: 2, env: { WORKER_CONCURRENCY: String(SLOTS), QUEUES: 'left,right' } });
    apps = mode === 'distributed' ? stack.workers : [stack.gateway, await spawnApp('gateway', stack.env)];
  }, 120_000);
  afterAll(async () => {
    await Promise.all(apps.filter((app) => app.isRunning()).map((app) => app.stop()));
    await stack.stop();
  });

  const workers = async () => (await stack.api.call<WorkerList>('GET', '/workers')).body.items;
  const of = async ({ pid }: App) => (await workers()).find(({ name, state }) => name.endsWith(`:${pid}`) && state !== 'late') as WorkerView;
  const put = async <Body = WorkerQueues>(id: number | string | undefined, body: unknown) => stack.api.call<Body>('PUT', `/workers/${id}/queues`, body);
  /** Resolves when the worker takes from these, and from no others. */
  const assign = async (app: App, queues: string[] | null, note: object = {}) => {
    const asked = await put((await of(app)).id, { queues, ...note });
    expect(asked.status).toBe(202);
    await takes(app, queues ?? []);
    return asked.body;
  };
  const takes = (app: App, queues: string[]) =>
    waitFor(`${app.name} to take ${queues.join() || 'all'}`, async () => [...(await of(app)).queues].sort().join() === [...queues].sort().join());
  const [first, second] = [() => apps[0] as App, () => apps[1] as App];
  const sleeping = (queue: string, ms: number) => stack.api.accepted('debug.sleep', { ms }, { queue });

  test('are taken from within seconds, and those that were given back by null as well; who, when and why is shown', async () => {
    expect(await of(first())).toMatchObject({ queues: [], configuredQueues: [], assigned: null });
    const asked = await assign(first(), ['left'], { reason: 'the right one is full', by: 'anna' });
    expect(asked).toMatchObject({ queues: [], configuredQueues: [], assigned: { queues: ['left'], reason: 'the right one is full', by: 'anna' } });
    expect(await of(first())).toMatchObject({ queues: ['left'], assigned: { queues: ['left'], by: 'anna' } });
    await assign(second(), ['right']);
    const consumers = async () =>
      Object.fromEntries((await stack.api.call<QueueList>('GET', '/queues')).body.items.map(({ name, consumers: count }) => [name, count]));
    expect(await consumers()).toMatchObject({ left: 1, right: 1, default: 0 });
    const [left, right] = await Promise.all(['left', 'right'].map((queue) => sleeping(queue, 60_000)));
    await Promise.all([left, right].map((id) => stack.api.waitForState(id as string, 'running')));
    expect([await stack.ownerPid(left as string), await stack.ownerPid(right as string)]).toEqual([first().pid, second().pid]);
    for (const id of [left, right]) await stack.api.call('POST', `/jobs/${id}/cancel`);
    for (const app of apps) await assign(app, null);
    expect(await of(first())).toMatchObject({ queues: [], assigned: null });
  });

  test('are in the audit with what was before and after, and why', async () => {
    await assign(first(), ['left', 'default'], { reason: 'a trial' });
    await assign(first(), null, { reason: 'it is over' });
    const { items } = (await stack.api.call<{ items: Entry[] }>('GET', '/audit?action=assignQueues&limit=2')).body;
    expect(items).toMatchObject([
      { detail: { reason: 'it is over', before: { queues: ['left', 'default'], assigned: { queues: ['left', 'default'] } }, after: { assigned: null } } },
      {
        target: `/workers/${(await of(first())).id}/queues`,
        detail: { reason: 'a trial', before: { assigned: null }, after: { assigned: { reason: 'a trial' } } },
      },
    ]);
  });

  test('that go keep what runs to its end, and what waits there starts elsewhere at once', async () => {
    await assign(first(), ['left']);
    await assign(second(), ['right']);
    const running = await Promise.all(Array.from({ length: SLOTS }, () => sleeping('left', 10_000)));
    for (const id of running) await stack.api.waitForState(id, 'running');
    const waiting = await Promise.all(Array.from({ length: 2 * SLOTS }, () => sleeping('left', 50)));
    await Promise.all([assign(first(), ['right']), assign(second(), ['left'])]);
    const passed = await Promise.all(waiting.map((id) => stack.api.waitForState(id, 'succeeded')));
    const ended = await Promise.all(running.map((id) => stack.api.waitForState(id, 'succeeded')));
    expect(ended.map(({ attempt }) => attempt)).toEqual(running.map(() => 1));
    // They did not wait for a slot of the first one.
    expect(Math.max(...passed.map(({ finishedAt }) => Date.parse(finishedAt ?? '')))).toBeLessThan(
      Math.min(...ended.map(({ finishedAt }) => Date.parse(finishedAt ?? ''))),
    );
    for (const app of apps) await assign(app, null);
  });

  test('that move between workers under load lose no job and run none twice', async () => {
    const ids: string[] = [];
    const load = { submits: true };
    const submitted = (async () => {
      while (load.submits) {
        const more = Array.from({ length: 10 }, (_, place) =>
          stack.api.accepted('debug.effect', { key: 'moved', ms: 10 }, { queue: place % 2 ? 'left' : 'right' }),
        );
        ids.push(...(await Promise.all(more)));
      }
    })();
    for (let round = 0; round < 4; round++) {
      const [one, other] = round % 2 ? ['left', 'right'] : ['right', 'left'];
      await Promise.all([assign(first(), [one]), assign(second(), [other])]);
    }
    load.submits = false;
    await submitted;
    expect(await endings(ids)).toEqual({ jobs: ids.length, succeeded: ids.length, attempts: ids.length, effects: ids.length });
    for (const app of apps) await assign(app, null);
  }, 180_000);

  async function endings(ids: string[]) {
    const counts = async () => {
      const [row] = await stack.query<Record<string, number>>(
        `SELECT count(*)::integer AS jobs, count(*) FILTER (WHERE state = 'succeeded')::integer AS succeeded, sum(attempt)::integer AS attempts,
                (SELECT count(*)::integer FROM debug_effects e WHERE e.job_id = ANY ($1::uuid[])) AS effects FROM jobs WHERE id = ANY ($1::uuid[])`,
        [ids],
      );
      return row;
    };
    await waitFor('all of them to end', async () => (await counts())?.['succeeded'] === ids.length, { timeoutMs: 120_000 });
    return counts();
  }

  test('that cannot be are refused, with what came and what is allowed', async () => {
    const { id } = await of(first());
    const faults = async (queues: unknown) => {
      const { status, body } = await put<Problem>(id, { queues });
      return [status, ...(body.errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`)];
    };
    expect(await faults([])).toEqual([
      422,
      expect.stringMatching(/^\/queues must be a list of 1 to 100 names of queues, .*; got 0 of them; POST \/workers\/\{id\}\/drain/),
    ]);
    expect(await faults('left')).toEqual([422, expect.stringContaining('got "left"')]);
    expect(await faults(undefined)).toEqual([422, expect.stringContaining('got nothing')]);
    expect(await faults(Array.from({ length: 101 }, (_, number) => `q${number}`))).toEqual([422, expect.stringContaining('got 101 of them')]);
    expect(await faults(['left', 'lefd'])).toEqual([422, '/queues/1 must be a declared queue, got "lefd"; did you mean "left"?']);
    expect(await faults(['left', 'left'])).toEqual([422, '/queues/1 must be there once, got "left" at /queues/0 too']);
    expect(await faults(['left:2', 3])).toEqual([
      422,
      expect.stringMatching(/^\/queues\/0 must match .*, got "left:2"; a worker has WORKER_CONCURRENCY slots of each queue/),
      expect.stringMatching(/^\/queues\/1 must match .*, got 3$/),
    ]);
    expect((await put<Problem>(id, { queues: ['left'], why: 'x' })).body.errors).toEqual([{ pointer: '/why', detail: 'is not a known field' }]);
    for (const unknown of ['999999', 'none', '1e3', '-1']) expect((await put(unknown, { queues: ['left'] })).status).toBe(404);
    expect((await of(first())).assigned).toBeNull();
  });

  test('are refused for a worker that would not obey, or could not run their jobs', async () => {
    const kinds = (await of(first())).kinds;
    const add = async (details: object | null, { concurrency = 1, left = '1 hour', drain = false } = {}) => {
      const [row] = await stack.query<{ id: number }>(
        `INSERT INTO workers (name, concurrency, queues, details, drain, lease_until) VALUES ('other:1', $1, '{}', $2, $3, now() + $4::interval) RETURNING id`,
        [concurrency, details && JSON.stringify(details), drain ? '{}' : null, left],
      );
      const { status, body } = await put<Problem>(row?.id, { queues: ['default'] });
      await stack.query('DELETE FROM workers WHERE id = $1', [row?.id]);
      return { status, text: [body.detail, ...(body.errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`)].join(' ') };
    };
    expect(await add({ version: '0.0.9', kinds })).toEqual({
      status: 409,
      text: expect.stringContaining('is of a version (0.0.9) that cannot be assigned queues') as string,
    });
    expect(await add(null)).toMatchObject({ status: 409 });
    expect(await add({ kinds, queues: [] }, { drain: true })).toEqual({ status: 409, text: expect.stringContaining('drains') as string });
    expect(await add({ kinds, queues: [] }, { left: '-1 second' })).toEqual({ status: 409, text: expect.stringContaining('is late') as string });
    expect(await add({ kinds: kinds.filter((kind) => kind !== 'debug.echo'), queues: [] })).toEqual({
      status: 409,
      text: expect.stringMatching(/\/queues\/0 has jobs of kind debug\.echo, which worker \d+ does not know/) as string,
    });
  });

  test('are forgotten with the process, and outlive that its row is taken away while it lives', async () => {
    await assign(second(), ['right']);
    const { id } = await of(second());
    await stack.query('DELETE FROM workers WHERE id = $1', [id]);
    await waitFor('its row to be made again', async () => ((await of(second())) as WorkerView | undefined)?.id === id);
    expect(await of(second())).toMatchObject({ queues: ['right'], assigned: { queues: ['right'] } });
    await second().stop();
    const [app] = [await spawnApp(mode === 'distributed' ? 'worker' : 'gateway', { ...stack.env, WORKER_QUEUES: 'left,right' })];
    apps[1] = app;
    await waitFor('it to be listed', async () => ((await of(app)) as WorkerView | undefined) !== undefined);
    expect(await of(app)).toMatchObject({ queues: ['left', 'right'], configuredQueues: ['left', 'right'], assigned: null });
    await assign(app, ['default']);
    expect((await put((await of(app)).id, { queues: null })).status).toBe(202);
    await takes(app, ['left', 'right']);
  }, 120_000);

  test('of a worker that is killed while they change lose no job, and run none twice', async () => {
    await assign(first(), ['left', 'default', 'right']);
    const doomed = second();
    const { id } = await of(doomed);
    const ids = await Promise.all(
      Array.from({ length: 200 }, (_, place) => stack.api.accepted('debug.effect', { key: 'killed', ms: 50 }, { queue: place % 2 ? 'left' : 'right' })),
    );
    const asked = put(id, { queues: ['right'] });
    ids.push(...(await Promise.all(Array.from({ length: 100 }, () => stack.api.accepted('debug.effect', { key: 'killed', ms: 50 }, { queue: 'right' })))));
    expect((await asked).status).toBe(202);
    doomed.kill('SIGKILL');
    await doomed.exited;
    expect(await endings(ids)).toMatchObject({ jobs: 300, succeeded: 300, effects: 300 });
  }, 180_000);
});
