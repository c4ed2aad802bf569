import { type CodeChange, type LimitSettings, limitSettings, type WrittenLimit } from '@app/core';
import { TestStore } from '../testing/test-store.js';
import { PostgresLimits } from './postgres-limits.js';

let store: TestStore;
let limits: PostgresLimits;

beforeAll(async () => {
  store = await TestStore.open();
  limits = new PostgresLimits(store.db);
});
afterEach(() => store.clear());
afterAll(() => store.close());

const settings = (written: WrittenLimit = {}): LimitSettings => limitSettings({ match: { kind: 'partner.call' }, concurrency: 5, ...written });
const later = () => new Date(Date.now() + 3_600_000);
const revision = async () => (await limits.current()).revision;

async function hold(key: string, jobs: number): Promise<void> {
  await store.query('INSERT INTO flow_slots (limit_key, job_id) SELECT $1, gen_random_uuid() FROM generate_series(1, $2)', [key, jobs]);
}

async function park(key: string, jobs: number): Promise<void> {
  await store.query(
    `INSERT INTO waiting_room (job_id, queue, kind, priority, virtual_time, limit_keys, parked_on)
     SELECT gen_random_uuid(), 'default', 'partner.call', 4, 0, ARRAY[$1], $1 FROM generate_series(1, $2)`,
    [key, jobs],
  );
}

function putCode(origin: string, code: Record<string, LimitSettings>): Promise<CodeChange> {
  const named = Object.entries(code).map(([name, each]) => ({ name, settings: each }));
  return store.dataSource.transaction((transaction) => limits.putCode(origin, named, transaction));
}

describe('limits as people set them', () => {
  test('one that is put is found as it was put, and is on the list', async () => {
    const all = settings({ per: 'tag:tenant', rate: '10/s', burst: 3, strict: true });
    await limits.put('partner.call', all);
    expect(await limits.find('partner.call')).toMatchObject({ name: 'partner.call', ...all, origin: 'api', code: null, override: null, held: 0, keys: [] });
    expect((await limits.list()).map(({ name }) => name)).toEqual(['partner.call']);
    expect(await limits.find('partner')).toBeNull();
  });

  test('jobs are to be keyed anew where others are under it or by other keys, and the revision rises; not where only its numbers change', async () => {
    const changes = [];
    for (const each of [settings(), settings({ concurrency: 9 }), settings({ per: 'queue' }), settings({ per: 'queue', match: {} })]) {
      const before = await revision();
      const { rekey } = await limits.put('one', each);
      changes.push([rekey, (await revision()) - before]);
    }
    expect(changes).toEqual([[true, 1], [false, 0], [true, 1], [true, 1]]); // prettier-ignore
  });

  test('its use is told by key: places, parked jobs, how many have to end after it was lowered, and when the rate allows the next start', async () => {
    await limits.put('partner.call', settings({ per: 'tag:tenant', concurrency: 2, rate: '1/m', burst: 2 }));
    await hold('partner.call/tenant:acme', 3);
    await hold('partner.call/tenant:tiny', 1);
    await hold('partner', 7);
    await park('partner.call/tenant:acme', 4);
    await store.query(
      `INSERT INTO flow_rates (limit_key, next_at) VALUES ('partner.call/tenant:acme', now() + interval '10 min'), ('partner.call/tenant:tiny', now())`,
    );
    const found = await limits.find('partner.call');
    expect(found).toMatchObject({ held: 4, parked: 4, draining: 1, nextStartAt: null });
    expect(found?.keys).toEqual([
      { key: 'partner.call/tenant:acme', held: 3, parked: 4, draining: 1, nextStartAt: expect.any(Date) as Date },
      { key: 'partner.call/tenant:tiny', held: 1, parked: 0, draining: 0, nextStartAt: null },
    ]);
    // One of a burst of two is still to be had: a minute before the theoretical time.
    expect((found?.keys[0]?.nextStartAt?.getTime() ?? 0) - Date.now()).toBeLessThan(9.1 * 60_000);
  });

  test('an override holds until its end or until it is taken away', async () => {
    await limits.put('one', settings());
    const until = later();
    expect(await limits.override('one', { concurrency: 1, until })).toBe(true);
    await hold('one', 3);
    expect(await limits.find('one')).toMatchObject({ override: { concurrency: 1, until }, concurrency: 5, draining: 2 });
    await limits.override('one', { concurrency: 1, until: new Date(Date.now() - 1_000) });
    expect(await limits.find('one')).toMatchObject({ override: null, draining: 0 });
    await limits.override('one', { concurrency: 1, until });
    await limits.override('one', null);
    expect(await limits.find('one')).toMatchObject({ override: null });
    expect(await limits.override('other', null)).toBe(false);
  });

  test('the deletion of a limit wakes what is parked on it, and nothing else, in the same statement (Kestra, Oban)', async () => {
    await limits.put('one', settings({ per: 'tag:tenant', rate: '1/h' }));
    await park('one', 2);
    await park('one/tenant:acme', 3);
    await park('one.more', 1);
    await store.query(`INSERT INTO flow_rates (limit_key, next_at) VALUES ('one/tenant:acme', now()), ('one.more', now())`);
    const before = await revision();
    expect(await limits.remove('one')).toEqual({ limit: null, rekey: true });
    expect(await store.query('SELECT parked_on, count(*)::integer AS jobs FROM waiting_room GROUP BY 1 ORDER BY 1')).toEqual([
      { parked_on: 'one.more', jobs: 1 },
      { parked_on: null, jobs: 5 },
    ]);
    expect(await store.query('SELECT limit_key FROM flow_rates')).toEqual([{ limit_key: 'one.more' }]);
    expect(await revision()).toBe(before + 1);
    expect(await limits.remove('one')).toBe('unknown');
  });

  test('one that is put holds over the one in code until it is deleted; the one in code cannot be deleted', async () => {
    await putCode('code:shop', { 'partner.call': settings({ concurrency: 2 }) });
    expect(await limits.find('partner.call')).toMatchObject({ origin: 'code:shop', concurrency: 2, code: null });
    expect(await limits.remove('partner.call')).toBe('code');
    await limits.put('partner.call', settings({ concurrency: 9, rate: '5/s' }));
    expect(await limits.find('partner.call')).toMatchObject({ origin: 'api', concurrency: 9, code: { concurrency: 2, origin: 'code:shop' } });
    expect(await limits.remove('partner.call')).toMatchObject({ limit: { origin: 'code:shop', concurrency: 2, rate: null } });
    expect(await limits.find('partner.call')).toMatchObject({ origin: 'code:shop', concurrency: 2, rate: null, code: null });
  });

  test('those of code are set once, however many processes start, and only what others are under is keyed anew', async () => {
    const code = { one: settings({ rate: '10/s' }), two: settings({ match: { kind: 'two.call' } }) };
    const both = await Promise.all([putCode('code:shop', code), putCode('code:shop', code)]);
    expect(both.map(({ rekey }) => rekey).sort()).toEqual([[], ['one', 'two']]);
    const before = await revision();
    expect(await putCode('code:shop', { ...code, one: settings({ rate: '20/s' }) })).toEqual({ rekey: [], taken: [] });
    expect(await limits.find('one')).toMatchObject({ origin: 'code:shop', rate: { count: 20, ms: 1_000 }, code: null });
    expect(await revision()).toBe(before);
    expect(await putCode('code:shop', { ...code, two: settings({ match: { kind: 'two.*' } }) })).toEqual({ rekey: ['two'], taken: [] });
  });

  test('those that are gone from the code are taken away with what waits for them, those of other configurations and of the API stay', async () => {
    await putCode('code:shop', { gone: settings(), held: settings() });
    await putCode('code:mail', { mail: settings() });
    await limits.put('held', settings({ concurrency: 9 }));
    await limits.put('api', settings());
    await park('gone', 2);
    expect(await putCode('code:shop', {})).toEqual({ rekey: ['gone'], taken: [] });
    expect((await limits.list()).map(({ name, origin }) => [name, origin])).toEqual([
      ['api', 'api'],
      ['held', 'api'],
      ['mail', 'code:mail'],
    ]);
    expect(await store.query('SELECT FROM waiting_room WHERE parked_on IS NOT NULL')).toEqual([]);
    expect(await limits.remove('held')).toMatchObject({ limit: null });
  });

  test('code that comes after the API is kept beside it, and its name in the code of another configuration is left to that one', async () => {
    await limits.put('one', settings({ concurrency: 9 }));
    expect(await putCode('code:shop', { one: settings({ concurrency: 2 }) })).toEqual({ rekey: [], taken: [] });
    expect(await limits.find('one')).toMatchObject({ origin: 'api', concurrency: 9, code: { concurrency: 2, origin: 'code:shop' } });
    expect(await putCode('code:mail', { one: settings({ concurrency: 3 }) })).toEqual({ rekey: [], taken: [{ name: 'one', origin: 'code:shop' }] });
    expect(await limits.remove('one')).toMatchObject({ limit: { origin: 'code:shop', concurrency: 2 } });
  });

  test('there are at most 1,000, and those that exist can be changed then too', async () => {
    await store.query(`INSERT INTO flow_limits (name, match, concurrency) SELECT 'limit-' || n, '{}', 1 FROM generate_series(1, 1000) n`);
    await expect(limits.put('one', settings())).rejects.toMatchObject({ code: 'invalid_payload', faults: [{ pointer: '/name' }] });
    expect((await limits.put('limit-7', settings())).limit).toMatchObject({ concurrency: 5 });
  });

  test('matching reads all limits at their revision', async () => {
    await limits.put('one', settings({ match: { tag: 'tenant:*' }, per: 'tag:tenant' }));
    expect((await limits.current()).keysOf({ kind: 'a.b', queue: 'default', tags: ['tenant:acme'] })).toEqual(['one/tenant:acme']);
  });
});
