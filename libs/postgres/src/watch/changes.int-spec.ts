import { DEFAULT_SCHEMA, type JobId, uuidv7 } from '@app/core';
import { RecordingLogger } from '@app/core/testing';
import { waitFor } from '../../../../test/support/index.js';
import { PostgresChanges } from './postgres-changes.js';
import { TestStore } from '../testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());

/** Two gateways of single-process mode. */
async function two() {
  const heard: { here: JobId[]; there: JobId[]; others: number } = { here: [], there: [], others: 0 };
  const here = new PostgresChanges(store.url, DEFAULT_SCHEMA, (ids) => heard.here.push(...ids), new RecordingLogger());
  const hears = (ids: readonly JobId[]) => {
    heard.there.push(...ids);
    if (ids.length === 0) heard.others++;
  };
  const there = new PostgresChanges(store.url, DEFAULT_SCHEMA, hears, new RecordingLogger());
  here.start();
  there.start();
  const tells = () =>
    waitFor('news to come through', () => {
      here.tell([uuidv7() as JobId]);
      return heard.there.length > 0;
    });
  await tells();
  heard.there.length = 0;
  return { heard, here, there, tells, close: () => Promise.all([here.close(), there.close()]) };
}

describe('news of changed jobs in single-process mode', () => {
  test('is heard by the other gateways and not by the one that tells, however much there is', async () => {
    const { heard, here, close } = await two();
    const ids = Array.from({ length: 1_000 }, () => uuidv7() as JobId);
    here.tell(ids);
    await waitFor('all of it', () => new Set(heard.there).size >= 1_000);
    expect(heard.there.filter((id) => ids.includes(id))).toEqual(ids);
    expect(heard.here).toEqual([]);
    await close();
  });

  test('is heard of what is no job, too', async () => {
    const { heard, here, close } = await two();
    here.tell([]);
    await waitFor('the news', () => heard.others > 0);
    expect(heard.others).toBe(1);
    await close();
  });

  test('is heard again when the connections were ended', async () => {
    const { heard, tells, close } = await two();
    await store.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'longhaul changes' AND datname = current_database()`);
    heard.there.length = 0;
    await tells();
    await close();
  });
});
