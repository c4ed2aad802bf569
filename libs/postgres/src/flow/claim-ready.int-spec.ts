// Ring 3: npm run proofs runs this file.
import type { WorkerId } from '@app/core';
import { limit, releasedJob, slotsOf } from '../testing/flow-rows.js';
import { Claims } from '../run/claims.js';
import { claimOf, TestStore } from '../testing/test-store.js';

const KIND = 'test.job';
const LONG_ENOUGH_MS = 20_000;

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
  await limit(store, 'api', { concurrency: 5 });
});
afterAll(() => store.close());

// Without the lock on the slots, one claim in a hundred is granted without.
test('a job is never claimed without its slot, however often that is taken and given while claims are under way', async () => {
  const worker: WorkerId = await store.worker();
  const claims = new Claims(store.db, () => undefined);
  // The kind is known from now on.
  await claims.claim(worker, [claimOf(await releasedJob(store, ['api']), KIND)]);
  const id = await releasedJob(store, ['api']);
  const seen = { taken: 0, claimed: 0, withoutSlot: 0 };
  const end = performance.now() + LONG_ENOUGH_MS;

  /** As all statements that take slots from queued jobs: the job's row first. */
  const takeAndGive = async () => {
    const session = await store.session();
    while (performance.now() < end) {
      await session.query('BEGIN');
      const { rows } = await session.query<{ state: string }>('SELECT state FROM jobs WHERE id = $1 FOR UPDATE', [id]);
      if (rows[0]?.state === 'queued') {
        const { rowCount } = await session.query('DELETE FROM flow_slots WHERE job_id = $1', [id]);
        if (rowCount === 0) await session.query(`INSERT INTO flow_slots (limit_key, job_id) VALUES ('api', $1)`, [id]);
        else seen.taken++;
      }
      await session.query('COMMIT');
    }
  };
  const claimAgainAndAgain = async () => {
    while (performance.now() < end) {
      const [answer] = await claims.claim(worker, [claimOf(id, KIND)]);
      if (!answer?.claimed) continue;
      seen.claimed++;
      if ((await slotsOf(store, id)).length === 0) seen.withoutSlot++;
      await store.query(`UPDATE jobs SET state = 'queued', attempt = 0, lease_token = NULL, events = 1 WHERE id = $1`, [id]);
    }
  };
  await Promise.all([takeAndGive(), takeAndGive(), claimAgainAndAgain()]);
  expect(seen.taken).toBeGreaterThan(10);
  expect(seen.claimed).toBeGreaterThan(10);
  expect(seen.withoutSlot).toBe(0);
}, 120_000);
