import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describeEachModeInProofs, freshDatabase, type FreshDatabase, spawnApp, type Stack, startStack, waitFor } from '../support/index.js';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const CONFIG = join(DIST, 'test/fixtures/own-service/longhaul.config.js');

interface Greeted {
  greeting: string;
  pid: number;
  database: string;
}

describeEachModeInProofs('the jobs of a longhaul.config.ts, in %s mode', (mode) => {
  let stack: Stack;
  let host: number;
  beforeAll(async () => {
    stack = await startStack({ mode, env: { LONGHAUL_CONFIG: CONFIG, LONGHAUL_DEBUG_KINDS: '0' } });
    host = (stack.workers[0] ?? stack.gateway).pid;
  });
  afterAll(() => stack.stop());

  const resultOf = async <Result>(id: string) => (await stack.api.waitForState(id, 'succeeded')).result as Result;
  const greetingsOf = async (id: string) => {
    const { body } = await stack.api.call<{ items: { id: string; state: string }[] }>('GET', `/jobs?tag=${id}`);
    return body.items.map((job) => job.id).sort();
  };

  test('are the kinds of the service, and those of the repository are not', async () => {
    const { body } = await stack.api.call<{ kinds: { kind: string }[] }>('GET', '/kinds');
    const kinds = JSON.stringify(body);
    for (const kind of ['own.greet', 'own.greet-isolated', 'own.spread']) expect(kinds).toContain(`"${kind}"`);
    expect(kinds).not.toMatch(/csv\.import|debug\./);
  });

  test('are made by the schedules that stand in code, and know for which tick', async () => {
    const { body } = await stack.api.call<{ origin: string; spec: object }>('GET', '/schedules/kind:own.tick');
    expect(body).toMatchObject({ origin: 'code:greetings', spec: { every: '1s' } });
    const id = await waitFor('the job of a second tick', async () => {
      const [job] = await stack.query<{ id: string }>(
        `SELECT id FROM jobs WHERE kind = 'own.tick' AND origin->'schedule'->>'previousTick' IS NOT NULL LIMIT 1`,
      );
      return job?.id;
    });
    const job = await stack.api.waitForState(id, 'succeeded');
    const { tick, previousTick } = job.schedule ?? {};
    expect(job).toMatchObject({ schedule: { id: 'kind:own.tick' }, tags: ['schedule:kind:own.tick'], result: { label: 'from code', tick, previousTick } });
    expect(Date.parse(tick ?? '') - Date.parse(previousTick ?? '')).toBe(1_000);
    expect((await stack.api.call('POST', '/schedules/kind:own.tick/pause', {})).status).toBe(200);
    expect((await stack.api.call('DELETE', '/schedules/kind:own.tick')).status).toBe(409);
  });

  test('are held to the limits that stand in code, until the API sets another of that name', async () => {
    const limit = async () => (await stack.api.call<{ origin: string; concurrency: number; code: object | null }>('GET', '/limits/own.single')).body;
    expect(await limit()).toMatchObject({ origin: 'code:greetings', match: { kind: 'own.single' }, concurrency: 1 });
    const ids = await Promise.all(['a', 'b', 'c'].map((name) => stack.api.accepted('own.single', { name, ms: 200 })));
    const jobs = await Promise.all(ids.map((id) => stack.api.waitForState(id, 'succeeded')));
    const spans = jobs.map(({ startedAt, finishedAt }) => [Date.parse(startedAt ?? ''), Date.parse(finishedAt ?? '')]).sort(([a = 0], [b = 0]) => a - b);
    for (const [index, [begin = 0]] of spans.entries()) expect(begin).toBeGreaterThanOrEqual(spans[index - 1]?.[1] ?? 0);
    expect((await stack.api.call('DELETE', '/limits/own.single')).status).toBe(409);
    expect((await stack.api.call('PUT', '/limits/own.single', { match: { kind: 'own.single' }, concurrency: 3 })).status).toBe(200);
    expect(await limit()).toMatchObject({ origin: 'api', concurrency: 3, code: { concurrency: 1, origin: 'code:greetings' } });
    expect((await stack.api.call('DELETE', '/limits/own.single')).status).toBe(202);
    expect(await limit()).toMatchObject({ origin: 'code:greetings', concurrency: 1, code: null });
  });

  test('are without the tables of the kinds for trying things out', async () => {
    expect(await stack.query(`SELECT relname FROM pg_class WHERE relname LIKE 'debug%'`)).toEqual([]);
  });

  test('get the services of their own modules, and their own DataSource', async () => {
    const greeted = await resultOf<Greeted>(await stack.api.accepted('own.greet', { name: 'Ada' }));
    expect(greeted).toEqual({ greeting: 'hello Ada!', pid: host, database: 'own service' });
  });

  test('get the same in a process of their own', async () => {
    const greeted = await resultOf<Greeted>(await stack.api.accepted('own.greet-isolated', { name: 'Ada' }));
    expect(greeted).toMatchObject({ greeting: 'hello Ada!', database: 'own service' });
    expect(greeted.pid).not.toBe(host);
  });

  test.each(['own.spread', 'own.spread-isolated'])('submit further jobs in job.transaction (%s): each once, and they run', async (kind) => {
    const id = await stack.api.accepted(kind, { names: ['a', 'b', 'c'] });
    const { ids, pid } = await resultOf<{ ids: string[]; pid: number }>(id);
    expect(pid === host).toBe(kind === 'own.spread');
    expect(await greetingsOf(id)).toEqual([...ids].sort());
    const greetings = await Promise.all(ids.map((each) => resultOf<Greeted>(each)));
    expect(greetings.map(({ greeting }) => greeting)).toEqual(['hello a!', 'hello b!', 'hello c!']);
  });

  test.each(['own.spread', 'own.spread-isolated'])('of an attempt that fails after its submissions (%s) nothing is left', async (kind) => {
    const id = await stack.api.accepted(kind, { names: ['a', 'b'], fail: true });
    const { ids } = await resultOf<{ ids: string[] }>(id);
    expect((await stack.api.job(id)).attempt).toBe(2);
    expect(await greetingsOf(id)).toEqual([...ids].sort());
    await Promise.all(ids.map((each) => resultOf(each)));
  });

  test('submit in a transaction of their own DataSource', async () => {
    const id = await stack.api.accepted('own.spread', { names: ['a'], own: true, fail: true });
    const { ids } = await resultOf<{ ids: string[] }>(id);
    expect(await greetingsOf(id)).toEqual(ids);
    await resultOf(ids[0] ?? '');
  });

  test('submit by an idempotency key: one job, whatever becomes of the attempt', async () => {
    const id = await stack.api.accepted('own.keyed', { name: 'a' });
    const { ids } = await resultOf<{ ids: string[] }>(id);
    expect((await stack.api.job(id)).attempt).toBe(2);
    expect(await greetingsOf(id)).toEqual(ids);
  });

  test('have their services to the end of the drain', async () => {
    const app = stack.workers[0] ?? stack.gateway;
    const id = await stack.api.accepted('own.greet', { name: 'Eve', ms: 1_500 });
    await stack.api.waitForState(id, 'running');
    expect(await app.stop()).toBe(0);
    const rows = await waitFor('the job to have ended', async () => {
      const found = await stack.query<{ state: string; result: unknown }>('SELECT state, result FROM longhaul.jobs WHERE id = $1', [id]);
      if (found[0]?.state === 'running') throw new Error('it runs');
      return found;
    });
    expect(rows[0]).toMatchObject({ state: 'succeeded', result: expect.objectContaining({ greeting: 'hello Eve!' }) });
    expect(
      app
        .logs()
        .filter((line) => line.startsWith('{'))
        .every((line) => line.includes('"service":"greetings"')),
    ).toBe(true);
  });
});

describe('a longhaul.config.ts with a mistake', () => {
  let folder: string;
  let database: FreshDatabase;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'longhaul-config-'));
    database = await freshDatabase();
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await database.drop();
  });

  const sdk = pathToFileURL(join(DIST, 'libs/sdk/src/index.js')).href;
  const beginning = `import { JobHandler } from '${sdk}';
class Payload {}
const job = (kind, handler, takes = []) => {
  Reflect.defineMetadata('design:paramtypes', takes, handler);
  JobHandler({ kind, payload: Payload })(handler);
  return handler;
};
class Clock {}
`;
  const RUN = 'async run() {}';

  /** What a process says on standard error and exits with, when it is started with such a module. */
  async function start(app: 'gateway' | 'worker', source: string | null): Promise<{ code: number | null; lines: string[] }> {
    const file = join(folder, 'longhaul.config.mjs');
    rmSync(file, { force: true });
    if (source !== null) writeFileSync(file, beginning + source);
    const env = { DATABASE_URL: database.url, LONGHAUL_CONFIG: file, LONGHAUL_DEBUG_KINDS: '0' };
    const started = await spawnApp(app, env, { waitUntilReady: false });
    const { code } = await started.exited;
    return { code, lines: started.logs().filter((line) => !line.startsWith('{')) };
  }

  test.each([
    ['is not there', null, /^expected LONGHAUL_CONFIG to name the compiled longhaul\.config\.js, got: ".*longhaul\.config\.mjs", which is no file; compile it/],
    ['has no jobs', 'export default { jobs: [] };', /^expected jobs of .*longhaul\.config\.mjs to have a handler class at least, got none/],
    [
      'has a class that is no handler',
      'export default { jobs: [Clock] };',
      /^expected jobs of .*longhaul\.config\.mjs to be classes with @JobHandler.*got Clock;/,
    ],
    [
      'has two jobs of one kind',
      `export default { jobs: [job('a.b', class First { ${RUN} }), job('a.b', class Second { ${RUN} })] };`,
      /^expected one class for kind "a\.b" in jobs of .*longhaul\.config\.mjs, got two: First and Second; give one of them another kind$/,
    ],
    [
      'has a handler that takes what nothing provides',
      `export default { jobs: [job('a.b', class Report { ${RUN} }, [Clock])] };`,
      /^expected all that Report takes to be provided in .*longhaul\.config\.mjs, got nothing for Clock; add the module that exports Clock to imports/,
    ],
  ])('that %s stops the start with one line', async (_, source, line) => {
    const { code, lines } = await start('gateway', source);
    expect(lines).toEqual([expect.stringMatching(line)]);
    expect(code).toBe(1);
  });

  test('in a worker is told in the same way', async () => {
    const { code, lines } = await start('worker', 'export default { jobs: [Clock] };');
    expect(lines).toEqual([expect.stringMatching(/got Clock;/)]);
    expect(code).toBe(1);
  });

  test('that throws shows its own stack, once', async () => {
    const { code, lines } = await start('gateway', 'function ledger() { throw new Error("no ledger") }\nledger();');
    expect(lines.filter((line) => line.includes('no ledger'))).toEqual(['Error: no ledger']);
    expect(lines.join('\n')).toMatch(/at ledger \(file:.*longhaul\.config\.mjs:\d+/);
    expect(code).toBe(1);
  });
});
