import { ManualClock } from '../testing/manual-clock.js';
import type { ShareRequest } from './quota-store.js';
import { QuotaExceeded } from './quota.js';
import { Share } from './share.js';

/** Gives what is left of a limit, as the store does, and remembers what it was asked. */
class SmallStore {
  readonly asked: ShareRequest[] = [];
  rows = 0;
  broken = false;

  async reserve(request: ShareRequest) {
    this.asked.push(request);
    await Promise.resolve();
    if (this.broken) throw new Error('the store is away');
    const room = Math.max(0, request.limit - this.rows - request.has);
    const given = Math.min(room, request.needs + Math.max(0, Math.min(request.block, Math.floor((room - request.needs) / 8))));
    return { given, used: this.rows + request.has };
  }
}

function shareOf(limit: number | null, { becomesRows = true, block = 256 } = {}) {
  const clock = new ManualClock();
  const store = new SmallStore();
  const quota = { limit };
  const share = new Share('acme', 'unfinishedJobs', { store, clock, process: 'p', limit: () => quota.limit, block, becomesRows });
  return { clock, store, share, quota };
}

test('what is on store is taken without asking, and what comes back may be taken again', async () => {
  const { share, store } = shareOf(81);
  const first = await share.take(1);
  expect(store.asked).toHaveLength(1);
  for (let n = 0; n < 10; n++) await share.take(1);
  expect(store.asked).toHaveLength(1);
  first.end();
  first.end();
  await share.take(1);
  expect(store.asked).toHaveLength(1);
  await share.take(1);
  expect(store.asked).toHaveLength(2);
});

test('what is on store is not used when the store has not heard of it for twenty seconds', async () => {
  const { share, store, clock } = shareOf(1_000);
  await share.take(1);
  store.broken = true;
  await share.take(1);
  await clock.advance(20_000);
  await expect(share.take(1)).rejects.toThrow('the store is away');
});

test('after a refusal the store is asked again after half a second, not before', async () => {
  const { share, store, clock } = shareOf(5);
  store.rows = 5;
  await expect(share.take(1)).rejects.toBeInstanceOf(QuotaExceeded);
  await expect(share.take(1)).rejects.toBeInstanceOf(QuotaExceeded);
  expect(store.asked).toHaveLength(1);
  store.rows = 4;
  await clock.advance(500);
  await share.take(1);
});

test('what is under way while the store counts is not counted twice in the end', async () => {
  const { share, store, clock } = shareOf(2);
  const first = await share.take(1);
  // It is stored, and its answer is on the way.
  store.rows = 1;
  const second = share.take(1);
  await clock.advance(10);
  first.end(1);
  await clock.advance(10);
  expect(await second).toBeDefined();
});

test('nobody asks the store while it is told what is kept, and what is not used is given back', async () => {
  const { share, store, clock } = shareOf(1_000);
  (await share.take(1)).end(1);
  await clock.advance(1_000);
  const amount = share.toKeep();
  expect(amount).toBe(0);
  let told!: () => void;
  const keeping = share.keeping(0, new Promise((resolve) => (told = resolve)));
  const next = share.take(1);
  await clock.advance(1);
  expect(store.asked).toHaveLength(1);
  told();
  await keeping;
  expect(await next).toBeDefined();
  expect(store.asked[1]).toMatchObject({ has: 0, needs: 1 });
});

test('a quota that is taken away while somebody waits lets him in', async () => {
  const { share, quota } = shareOf(1);
  await share.take(1);
  const waiting = share.take(1);
  quota.limit = null;
  expect(await waiting).toBeDefined();
});
