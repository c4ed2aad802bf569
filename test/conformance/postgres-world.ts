import { DEFAULT_SCHEMA, type JobId, type WorkerId } from '@app/core';
import {
  createDataSource,
  Database,
  lockKey,
  PostgresAttempts,
  PostgresJobs,
  PostgresLimits,
  PostgresOutbox,
  PostgresSubmissions,
  PostgresWaitingRoom,
  PostgresWorkers,
  Presence,
} from '@app/postgres';
import { freshDatabase } from '../support/index.js';
import { silent } from '../simulation/surroundings.js';
import { FAST_PATH_SECONDS, type RowView, type StoreWorld } from './store-world.js';

/** The PostgreSQL adapters on a database of their own. */
export async function postgresWorld(): Promise<StoreWorld> {
  const database = await freshDatabase([`search_path = ''`]);
  const dataSource = createDataSource({ url: database.url, schema: DEFAULT_SCHEMA, poolSize: 4, applicationName: 'conformance' });
  await dataSource.initialize();
  const db = new Database(dataSource);
  const limits = new PostgresLimits(db);
  const presences = new Map<WorkerId, Presence>();
  return {
    attempts: new PostgresAttempts(db),
    submissions: new PostgresSubmissions(db, { keySeconds: 3_600, fastPathSeconds: FAST_PATH_SECONDS }),
    outbox: new PostgresOutbox(db),
    workers: new PostgresWorkers(db),
    control: new PostgresJobs(db),
    room: new PostgresWaitingRoom(db),
    limits: {
      put: (name, concurrency) => limits.put(name, { match: {}, per: null, concurrency, rate: null, burst: null, strict: false }),
      remove: (name) => limits.remove(name),
    },
    holdLock: async (workerId, held) => {
      await presences.get(workerId)?.close();
      presences.delete(workerId);
      if (held) {
        const presence = new Presence(database.url, DEFAULT_SCHEMA, silent);
        await presence.start(workerId);
        presences.set(workerId, presence);
        return;
      }
      // The server frees a session's lock a moment after its client is gone: when the lock can be had.
      await dataSource.transaction((manager) => manager.query('SELECT pg_advisory_xact_lock($1, $2)', [lockKey('presence', DEFAULT_SCHEMA), workerId]));
    },
    elapse: async (seconds) => {
      for (const [table, columns] of Object.entries(TIMES)) {
        const set = columns.map((column) => `${column} = ${column} - $1::float8 * interval '1 second'`).join(', ');
        await dataSource.query(`UPDATE longhaul.${table} SET ${set}`, [seconds]);
      }
    },
    row: async (jobId: JobId) => {
      const rows: RowView[] = await dataSource.query(ROW, [jobId]);
      return rows[0] as RowView;
    },
    close: async () => {
      await Promise.all([...presences.values()].map((presence) => presence.close()));
      await dataSource.destroy();
      await database.drop();
    },
  };
}

const TIMES = {
  jobs: ['run_at', 'queued_at', 'messaged_at', 'created_at', 'started_at', 'finished_at', 'deferred_at', 'start_before'],
  outbox: ['available_at'],
  workers: ['lease_until'],
  idempotency_keys: ['expires_at'],
};

const ROW = `SELECT state, attempt, fence, crashes, redrives, events, lease_token AS token,
  ARRAY(SELECT type FROM longhaul.outbox WHERE j.id = ANY (job_ids) ORDER BY type) AS outbox,
  (SELECT count(*)::integer FROM longhaul.dead_letters d WHERE d.job_id = j.id) AS "deadLetters",
  (SELECT coalesce(w.parked_on, 'ready') FROM longhaul.waiting_room w WHERE w.job_id = j.id) AS place,
  ARRAY(SELECT s.limit_key FROM longhaul.flow_slots s WHERE s.job_id = j.id ORDER BY s.limit_key) AS slots
  FROM longhaul.jobs j WHERE id = $1`;
