import {
  type Job,
  kindPolicy,
  type Kinds,
  KnownQuotas,
  NO_QUOTAS,
  type QuotaDefaults,
  QuotaExceeded,
  Reservations,
  SubmitJob,
  type SubmitRequest,
  systemClock,
  uuidv4,
} from '@app/core';
import { RecordingLogger } from '@app/core/testing';
import type { EntityManager } from 'typeorm';
import { waitFor } from '../../../../test/support/index.js';
import { classifyError } from '../pool/database.js';
import { TestStore } from '../testing/test-store.js';
import { PostgresQuotas } from './postgres-quotas.js';

const kinds: Kinds = {
  names: () => ['test.job'],
  policy: (kind) => (kind === 'test.job' ? kindPolicy({ kind }) : undefined),
  validate: () => [],
};
const logger = new RecordingLogger();

let store: TestStore;
let quotas: PostgresQuotas;
const gateways: Gateway[] = [];

/** A gateway's way to the store, with its own knowledge and its own share. */
class Gateway {
  readonly known: KnownQuotas;
  readonly reservations: Reservations;
  readonly submitJob: SubmitJob<EntityManager>;

  constructor(
    defaults: Partial<QuotaDefaults> = {},
    readonly process = uuidv4(),
  ) {
    this.known = new KnownQuotas(quotas, { ...NO_QUOTAS, ...defaults }, systemClock, logger);
    this.reservations = new Reservations({ store: quotas, quotas: this.known, clock: systemClock, logger, process: this.process });
    this.submitJob = new SubmitJob<EntityManager>({
      kinds,
      queues: store.queues,
      store: store.submissions,
      replays: store.submissions,
      quotas: this.reservations,
      committed: () => undefined,
      classify: classifyError,
      maxBatch: 64,
    });
    gateways.push(this);
  }

  submit(more: Partial<SubmitRequest> = {}): Promise<Job> {
    return this.submitJob.submit({ kind: 'test.job', payload: {}, tenant: 'acme', ...more }).then(({ job }) => job);
  }
}

beforeAll(async () => {
  store = await TestStore.open();
  quotas = new PostgresQuotas(store.db);
});
afterEach(async () => {
  for (const { reservations } of gateways.splice(0)) await reservations.close();
  await store.clear();
  await store.query('DELETE FROM quota_shares');
  await store.query('DELETE FROM quota_rates');
  await store.query('DELETE FROM tenant_quotas');
});
afterAll(() => store.close());

async function outcomes(submissions: Promise<unknown>[]): Promise<{ accepted: number; refused: number }> {
  const settled = await Promise.allSettled(submissions);
  const refused = settled.filter((each) => each.status === 'rejected' && each.reason instanceof QuotaExceeded).length;
  const accepted = settled.filter(({ status }) => status === 'fulfilled').length;
  expect(accepted + refused).toBe(submissions.length);
  return { accepted, refused };
}

const unfinished = async (tenant = 'acme') =>
  Number((await store.query<{ n: string }>(`SELECT count(*) AS n FROM jobs WHERE tenant = '${tenant}' AND finished_at IS NULL`))[0]?.n);

describe.each(['acme', 'default'])('unfinished jobs of the tenant %s', (tenant) => {
  test('two gateways that race never store more than the quota, and use all of it', async () => {
    const [one, other] = [new Gateway({ unfinishedJobs: 1_000 }), new Gateway({ unfinishedJobs: 1_000 })];
    for (let round = 0; round < 15; round++) {
      await outcomes([one, other].flatMap((gateway) => Array.from({ length: 100 }, () => gateway.submit({ tenant }))));
    }
    // What one has reserved and not used comes back when it next tells the store.
    one.reservations.start();
    other.reservations.start();
    await waitFor('the whole quota in use', async () => {
      await outcomes([one, other].flatMap((gateway) => Array.from({ length: 5 }, () => gateway.submit({ tenant }))));
      return (await unfinished(tenant)) === 1_000;
    });
    await expect(one.submit({ tenant })).rejects.toThrow(
      `expected at most 1000 unfinished jobs of tenant ${tenant} (quota unfinishedJobs), got 1000 and 1 more`,
    );
  });
});

test('as many jobs as the quota allows are accepted at once, and one more is refused', async () => {
  const gateway = new Gateway({ unfinishedJobs: 10 });
  expect(await outcomes(Array.from({ length: 10 }, () => gateway.submit()))).toEqual({ accepted: 10, refused: 0 });
  await expect(gateway.submit()).rejects.toMatchObject({ code: 'quota_exceeded', exceeded: { signal: 'unfinishedJobs', measured: 10, limit: 10 } });
  await store.query('DELETE FROM jobs WHERE id = (SELECT id FROM jobs LIMIT 1)');
  await waitFor('room for one more', () =>
    gateway.submit().then(
      () => true,
      () => false,
    ),
  );
});

test("one tenant's quota leaves another's jobs alone, and Longhaul's own jobs count for none", async () => {
  const gateway = new Gateway({ unfinishedJobs: 1 });
  await gateway.submit();
  await expect(gateway.submit()).rejects.toBeInstanceOf(QuotaExceeded);
  await gateway.submit({ tenant: 'globex' });
  await store.query(`UPDATE jobs SET kind = 'longhaul.webhook' WHERE tenant = 'acme'`);
  expect((await quotas.used('acme')).unfinishedJobs).toBe(0);
});

test('a repeated key gets its job while its tenant is over the quota, and takes nothing of it', async () => {
  const gateway = new Gateway({ unfinishedJobs: 2 });
  const first = await gateway.submit({ idempotencyKey: 'a' });
  expect((await gateway.submit({ idempotencyKey: 'a' })).id).toBe(first.id);
  await gateway.submit();
  await expect(gateway.submit()).rejects.toBeInstanceOf(QuotaExceeded);
  expect((await gateway.submit({ idempotencyKey: 'a' })).id).toBe(first.id);
  await expect(gateway.submit({ idempotencyKey: 'b' })).rejects.toBeInstanceOf(QuotaExceeded);
});

test('of a batch all jobs are stored, or none where the quota has no room for all', async () => {
  const gateway = new Gateway({ unfinishedJobs: 10 });
  const batch = (size: number) => gateway.submitJob.submitAll(Array.from({ length: size }, () => ({ kind: 'test.job', payload: {}, tenant: 'acme' })));
  await batch(7);
  await expect(batch(4)).rejects.toMatchObject({ code: 'quota_exceeded', faults: [{ pointer: '/jobs', detail: 'must be at most 3 jobs now, got: 4' }] });
  expect(await unfinished()).toBe(7);
  await batch(3);
  await expect(batch(11)).rejects.toThrow('so many never fit');
});

test('what a gateway that has died had reserved is counted until its time is over, and no longer', async () => {
  const dead = new Gateway({ unfinishedJobs: 100 });
  await dead.submit();
  const [share] = await store.query<{ amount: string; process: string }>('SELECT amount, process FROM quota_shares');
  expect(Number(share?.amount)).toBeGreaterThan(1);
  const living = new Gateway({ unfinishedJobs: 100 });
  const fits = 100 - 1 - Number(share?.amount) + 1;
  expect((await outcomes(Array.from({ length: 100 }, () => living.submit()))).accepted).toBeLessThanOrEqual(fits);
  await store.query(`UPDATE quota_shares SET until = now() - interval '1 second' WHERE process = '${dead.process}'`);
  living.reservations.start();
  await waitFor('the whole quota in use', async () => {
    await outcomes(Array.from({ length: 20 }, () => living.submit()));
    return (await unfinished()) === 100;
  });
  expect(await store.query(`SELECT FROM quota_shares WHERE process = '${dead.process}'`)).toHaveLength(0);
});

test('a gateway that closes gives back what it has reserved', async () => {
  const gateway = new Gateway({ unfinishedJobs: 100 });
  await gateway.submit();
  await gateway.reservations.close();
  expect(await store.query('SELECT FROM quota_shares')).toHaveLength(0);
});

test('submissions a second come out of one bucket of all gateways', async () => {
  const [one, other] = [1, 2].map(() => new Gateway({ submissionsPerSecond: 50, submissionsBurst: 60 })) as [Gateway, Gateway];
  const began = performance.now();
  let accepted = 0;
  while (performance.now() - began < 2_000) {
    const { accepted: more } = await outcomes([one, other, one, other].map((gateway) => gateway.submit()));
    accepted += more;
  }
  const seconds = (performance.now() - began) / 1_000;
  expect(accepted).toBeLessThanOrEqual(60 + 50 * seconds + 1);
  expect(accepted).toBeGreaterThan(60 + 50 * (seconds - 1));
});

test('a batch that is larger than the burst is refused with the reason, and the wait is told', async () => {
  const gateway = new Gateway({ submissionsPerSecond: 2 });
  const batch = (size: number) => gateway.submitJob.submitAll(Array.from({ length: size }, () => ({ kind: 'test.job', payload: {}, tenant: 'acme' })));
  await expect(batch(5)).rejects.toMatchObject({ code: 'quota_exceeded', exceeded: { signal: 'submissionsPerSecond', limit: 4 } });
  await batch(4);
  await expect(gateway.submit()).rejects.toMatchObject({ exceeded: { retryAfterSeconds: 1 } });
});

test('what is held counts over all gateways until it is given back', async () => {
  const [one, other] = [1, 2].map(() => new Gateway({ streams: 3 })) as [Gateway, Gateway];
  const held = [
    await one.reservations.take('acme', 'streams', 1),
    await other.reservations.take('acme', 'streams', 1),
    await one.reservations.take('acme', 'streams', 1),
  ];
  await expect(other.reservations.take('acme', 'streams', 1)).rejects.toMatchObject({ exceeded: { signal: 'streams', measured: 3, limit: 3 } });
  expect((await quotas.used('acme')).streams).toBe(3);
  for (const each of held) each?.end();
  one.reservations.start();
  other.reservations.start();
  await waitFor('nothing held', async () => (await quotas.used('acme')).streams === 0);
});

test('a quota of its own goes before the setting, null takes the bound away, and a change holds after a refresh', async () => {
  const gateway = new Gateway({ unfinishedJobs: 1, streams: 5 });
  await quotas.put('acme', { unfinishedJobs: 2, streams: null }, 'key:a');
  await gateway.known.refresh();
  expect([gateway.known.limit('acme', 'unfinishedJobs'), gateway.known.limit('acme', 'streams'), gateway.known.limit('globex', 'unfinishedJobs')]).toEqual([
    2,
    null,
    1,
  ]);
  expect(gateway.reservations.take('acme', 'streams', 1)).toBeUndefined();
  expect([await quotas.remove('acme'), await quotas.remove('acme')]).toEqual([true, false]);
  await gateway.known.refresh();
  expect(gateway.known.limit('acme', 'unfinishedJobs')).toBe(1);
});

test('a tenant without quotas asks nothing of the store', () => {
  const gateway = new Gateway();
  expect(gateway.reservations.submissions('acme', 1)).toBeUndefined();
});

test('tenants are listed by name, page by page', async () => {
  await new Gateway().submit({ tenant: 'globex' });
  await new Gateway().submit({ tenant: 'acme' });
  await quotas.put('zeta', { waits: 3 }, 'key:a');
  const first = await quotas.list('', 2);
  expect(first.map(({ tenant }) => tenant)).toEqual(['acme', 'default']);
  expect(await quotas.list('default', 10)).toEqual([
    { tenant: 'globex', quotas: null },
    { tenant: 'zeta', quotas: { waits: 3 } },
  ]);
});
