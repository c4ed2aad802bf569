import { DEFAULT_SCHEMA, type WorkerId } from '@app/core';
import { RecordingLogger } from '@app/core/testing';
import { tcpProxy, type TcpProxy, waitFor } from '../../../../test/support/index.js';
import { lockKey } from '../locks.js';
import { Presence } from './presence.js';
import { TestStore } from '../testing/test-store.js';

const PRESENCE_LOCK = lockKey('presence', DEFAULT_SCHEMA);

let store: TestStore;
let proxy: TcpProxy;
let presence: Presence;
let worker: WorkerId;
beforeAll(async () => {
  store = await TestStore.open();
  proxy = await tcpProxy(store.url);
});
afterAll(async () => {
  await proxy.close();
  await store.close();
});
beforeEach(async () => {
  worker = await store.worker();
  presence = new Presence(proxy.url, DEFAULT_SCHEMA, new RecordingLogger());
});
afterEach(async () => {
  await presence.close();
  await proxy.heal();
  expect(await holder()).toBeUndefined();
});

/** The backend that holds the lock. */
async function holder(): Promise<number | undefined> {
  const [row] = await store.query<{ pid: number }>(
    `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid::bigint = $1::bigint & 4294967295 AND objid = $2
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [PRESENCE_LOCK, worker],
  );
  return row?.pid;
}

describe('the presence of a worker', () => {
  test('is a lock that others see taken, from the start until its end', async () => {
    await presence.start(worker);
    expect(presence.holds).toBe(true);
    const suspects = async () => (await store.workers.suspects(null)).suspects.filter(({ workerId }) => workerId === worker);
    expect(await suspects()).toEqual([]);
    await presence.close();
    expect(await suspects()).toMatchObject([{ lockFree: true }]);
  });

  test('is over as soon as the connection of its process is gone', async () => {
    await presence.start(worker);
    await proxy.refuse();
    await waitFor('the lock to be free', async () => (await holder()) === undefined, { timeoutMs: 2_000 });
    await waitFor('the worker to know it', () => !presence.holds);
    expect(await store.workers.recover(worker)).toBe(0);
  });

  test('is taken again under the same id when the database has ended its session', async () => {
    await presence.start(worker);
    const first = await holder();
    await store.query('SELECT pg_terminate_backend($1)', [first]);
    const second = await waitFor('the lock to be held again', async () => {
      const pid = await holder();
      return pid !== first && pid;
    });
    expect(second).not.toBe(first);
    await waitFor('the worker to know it', () => presence.holds);
  });

  test('starts though a sweeper is just looking whether it is there', async () => {
    const session = await store.session();
    await session.query('BEGIN');
    await session.query('SELECT pg_try_advisory_xact_lock($1, $2)', [PRESENCE_LOCK, worker]);
    const starting = presence.start(worker);
    await waitFor('it to wait for the lock', async () => {
      const waiting = await store.query(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = $1`, [worker]);
      return waiting.length > 0;
    });
    await session.query('COMMIT');
    await starting;
    expect(presence.holds).toBe(true);
    await session.end();
  });

  test('does not start while another process has its id', async () => {
    const session = await store.session();
    await session.query('SELECT pg_advisory_lock($1, $2)', [PRESENCE_LOCK, worker]);
    await expect(presence.start(worker)).rejects.toThrow('lock timeout');
    await session.end();
  });

  test('ends, and frees its lock, though it is closed while it connects again', async () => {
    await presence.start(worker);
    proxy.latency(150);
    await store.query('SELECT pg_terminate_backend($1)', [await holder()]);
    await waitFor('it to connect again', async () => {
      const sessions = await store.query(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'longhaul presence'`);
      return sessions.length > 0 && !presence.holds;
    });
    await presence.close();
    expect(presence.holds).toBe(false);
  });

  test('ends though the database does not answer', async () => {
    await presence.start(worker);
    proxy.blackhole();
    await presence.close();
    await proxy.heal();
    await waitFor('the lock to be free', async () => (await holder()) === undefined);
  });
});
