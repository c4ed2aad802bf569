import { statement } from '../pool/database.js';
import { textsOf } from '../pool/joined-texts.js';
import { firstHistory } from '../run/history.js';
import { OPTION_COLUMNS } from '../run/option-columns.js';
import { enteringRoom } from '../room/places.js';
import { afterCancelOf, asCancelled } from '../control/cancelling.js';
import { uniqueKeysTakenBy, waitingWith } from '../flow/unique-keys.js';
import { jobColumns } from '../run/job-row.js';

const OPTIONS_FROM = 15;
const OPTION_PARAMETERS = OPTION_COLUMNS.map(({ type }, index) => `$${OPTIONS_FROM + index}::${type}[]`).join(', ');
const SHARED_FROM = 7;
const SHARED_PARAMETERS = OPTION_COLUMNS.map(({ column, type }, index) => `$${SHARED_FROM + index}::${type} AS ${column}`).join(', ');
const OPTION_NAMES = OPTION_COLUMNS.map(({ column }) => column).join(', ');
const OPTION_VALUES = OPTION_COLUMNS.map(({ column, stored = column }) => stored).join(', ');

/**
 * IS TRUE keeps PostgreSQL from making a join of it, which would compare every job of the batch with every other (hash joins are off, see `BY_INDEX`):
 * 2 us a job in batches of 64.
 */
const isStored = (id: string) => `(${id} IN (SELECT id FROM stored)) IS TRUE`;

/** Whether the limits are still those of that revision. An older one was read before a change, and what goes by it must not be stored. */
const isCurrent = (revision: string) => `(SELECT number FROM lh.flow_revision) <= ${revision}::bigint`;

/**
 * Keys, jobs and outbox rows of a batch in one statement: one round trip, one commit. Where the limits have changed since `$14` it stores nothing, and
 * its only row is empty.
 * - A key that exists and has not expired stops its row; the caller reads the job that it stands for afterwards, in a
 *   statement of its own, for the conflicting row may be newer than this one's snapshot.
 * - An expired key is taken over in place.
 * - Jobs that share an outbox id share its row; where a batch is stored in parts, the later part joins it.
 * - `ON CONFLICT (id) DO NOTHING`: the same batch sent again, after an answer that was lost, stores nothing twice.
 */
export const SUBMIT_JOBS = statement('job:submit', submitting({ parameters: '', names: '', values: '', sent: '', type: `'job'`, entered: '' }));

const FLOW_FROM = OPTIONS_FROM + OPTION_COLUMNS.length;

const TO_ROOM: ForRoom = {
  parameters: `, $${FLOW_FROM}::boolean[], $${FLOW_FROM + 1}::text[]`,
  names: ', waits, limits',
  values: 'limits::text[]',
  sent: 'AND NOT (f.waits AND f.due <= now())',
  type: `CASE WHEN min(f.limits) IS NULL THEN 'job' ELSE 'turn' END`,
  entered: `, entered AS (${enteringRoom(
    `SELECT f.id AS job_id, f.queue, f.kind, f.priority, j.flow_key, j.tags, j.limit_keys, j.start_before, false AS suspect, f.due AS since, false AS front
       FROM fresh f JOIN stored j ON j.id = f.id WHERE f.waits AND f.due <= now()`,
  )})`,
};

/** The same, where some of the jobs wait for their turn or have limits. Those that are due wait in the room; for the others that have limits it is the next stop. */
export const SUBMIT_TO_ROOM = statement('job:submit-to-room', submitting(TO_ROOM));

/** Its key is had by a job that waits, and stays. */
const STANDS = `(f.holder IS NOT NULL AND f.keep = 'oldest')`;

/**
 * The same, where each job has a unique key of its own. It runs in a transaction that has locked the keys and the jobs that have them (`lockUniqueKeys`).
 * - A job that waits and stays is returned as the `holder` of a row without a state, and stands for the idempotency key too: its repeats find it.
 * - One that does not stay is cancelled, with the reason, and is the `holder` of the row that took its place.
 * - What an earlier try has stored is left out, as if it had a key that is taken.
 */
export const SUBMIT_UNIQUE = statement(
  'job:submit-unique',
  `WITH ${storing(
    { ...TO_ROOM, parameters: `${TO_ROOM.parameters}, $${FLOW_FROM + 2}::text[], $${FLOW_FROM + 3}::text[]`, names: `${TO_ROOM.names}, unique_key, keep` },
    {
      column: ', unique_key',
      selected: 'i.*, (SELECT h.id FROM ' + waitingWith('i.unique_key') + ') AS holder',
      ours: ' AND NOT EXISTS (SELECT FROM lh.jobs s WHERE s.id = i.id)',
      standing: `CASE WHEN ${STANDS} THEN f.holder ELSE f.id END`,
      unless: `WHERE NOT ${STANDS}`,
    },
  )}, locked AS (${uniqueKeysTakenBy(`fresh f WHERE ${isStored('f.id')}`)}), replaced AS (
     UPDATE lh.jobs j SET
       ${asCancelled(`jsonb_build_object('reason', 'job ' || f.id || ' with the same unique key took its place')`)}
     FROM fresh f WHERE f.keep = 'newest' AND j.id = f.holder AND j.state IN ('scheduled', 'queued')
     RETURNING ${jobColumns('j')}, j.limit_keys
   ), ${afterCancelOf('replaced')}
   SELECT s.id, s.state, s.created_at, s.run_at, f.holder FROM stored s JOIN fresh f ON f.id = s.id
   UNION ALL SELECT f.id, NULL, NULL, NULL, f.holder FROM fresh f WHERE ${STANDS}
   UNION ALL SELECT NULL, NULL, NULL, NULL, NULL WHERE NOT ${isCurrent('$14')}`,
);

interface ForRoom {
  parameters: string;
  names: string;
  /** Of the column `limit_keys`. */
  values: string;
  sent: string;
  type: string;
  entered: string;
}

/** What differs where jobs have unique keys. */
interface ForKeys {
  column: string;
  /** Of each row of the input `i`. */
  selected: string;
  /** Which rows of the input are looked at. */
  ours: string;
  /** The job that an idempotency key stands for. */
  standing: string;
  /** Which of the new jobs are stored. */
  unless: string;
}

function submitting(room: ForRoom): string {
  return `WITH ${storing(room)}
   SELECT id, state, created_at, run_at FROM stored
   UNION ALL SELECT NULL, NULL, NULL, NULL WHERE NOT ${isCurrent('$14')}`;
}

/** The CTEs that store keys, jobs, and rows of the outbox or places. */
function storing({ parameters, names, values, sent, type, entered }: ForRoom, unique?: ForKeys): string {
  const flow =
    values === ''
      ? { column: '', value: '', returned: '' }
      : { column: ', limit_keys', value: `, ${values}`, returned: ', flow_key, tags, limit_keys, start_before' };
  const { column, selected, ours, standing, unless } = unique ?? { column: '', selected: '*', ours: '', standing: 'id', unless: '' };
  const keyed = unique ? '(i.scope, i.key) IN (SELECT scope, key FROM keys)' : 'i.id IN (SELECT job_id FROM keys)';
  return `input AS (
     SELECT ${selected} FROM unnest(
       $1::uuid[], $2::uuid[], $3::text[], ${textsOf('$4')}, $5::timestamptz[], $6::bigint[], $7::text[], $8::text[],
       $9::text[], $10::text[], $11::bytea[], ${OPTION_PARAMETERS}${parameters}
     ) AS i (id, outbox_id, kind, payload, run_at, delay_ms, notify, traceparent, scope, key, fingerprint, ${OPTION_NAMES}${names})
     WHERE ${isCurrent('$14')}${ours}
   ), keys AS (
     INSERT INTO lh.idempotency_keys AS k (scope, key, fingerprint, job_id, tenant, expires_at)
     SELECT scope, key, fingerprint, ${standing}, tenant, now() + $12::float8 * interval '1 second' FROM input${unique ? ' f' : ''} WHERE key IS NOT NULL
     ON CONFLICT (scope, key) DO UPDATE
       SET fingerprint = excluded.fingerprint, job_id = excluded.job_id, expires_at = excluded.expires_at
       WHERE k.expires_at <= now()
     RETURNING ${unique ? 'scope, key' : 'job_id'}
   ), fresh AS (
     SELECT i.*, coalesce(i.run_at, now() + i.delay_ms * interval '1 millisecond', now()) AS due
     FROM input i WHERE i.key IS NULL OR ${keyed}
   ), stored AS (
     INSERT INTO lh.jobs (id, kind, state, payload, run_at, queued_at, notify, traceparent, events, history, ${OPTION_NAMES}${flow.column}${column})
     SELECT id, kind, CASE WHEN due > now() THEN 'scheduled' ELSE 'queued' END, payload::json,
            CASE WHEN due > now() THEN due END, CASE WHEN due <= now() THEN now() END, notify::jsonb, traceparent,
            1, ${firstHistory(`CASE WHEN due > now() THEN 'scheduled' ELSE 'queued' END`)}, ${OPTION_VALUES}${flow.value}${column}
     FROM fresh${unique ? ` f ${unless}` : ''}
     ON CONFLICT (id) DO NOTHING
     RETURNING id, state, created_at, run_at${flow.returned}
   ), sent AS (
     INSERT INTO lh.outbox AS o (id, type, job_ids, queue, priority, available_at)
     SELECT f.outbox_id, ${type}, array_agg(f.id ORDER BY f.id), f.queue, f.priority,
            min(CASE WHEN f.due > now() THEN f.due ELSE now() + $13::float8 * interval '1 second' END)
     FROM fresh f WHERE ${isStored('f.id')} ${sent} GROUP BY f.outbox_id, f.queue, f.priority
     ON CONFLICT (id) DO UPDATE SET job_ids = o.job_ids || excluded.job_ids
   )${entered}`;
}

/**
 * The same for jobs of one shape, which is what most are: due at once, of one kind, with the same options, without key, trace or somebody to tell. What they have in common comes once. Returns how many
 * were stored: all; none, where the batch was stored before; and -1 where the limits have changed since `$6`.
 */
export const SUBMIT_PLAIN = statement(
  'job:submit-plain',
  `WITH input AS (
     SELECT * FROM unnest($1::text::uuid[], $2::text::uuid[], ${textsOf('$3')}) AS i (id, outbox_id, payload) WHERE ${isCurrent('$6')}
   ), shape AS (
     SELECT ${SHARED_PARAMETERS}
   ), stored AS (
     INSERT INTO lh.jobs (id, kind, state, payload, queued_at, events, history, ${OPTION_NAMES})
     SELECT id, $4, 'queued', payload::json, now(), 1, NULL, ${OPTION_VALUES} FROM input, shape
     ON CONFLICT (id) DO NOTHING
     RETURNING id
   ), sent AS (
     INSERT INTO lh.outbox AS o (id, type, job_ids, queue, priority, available_at)
     SELECT i.outbox_id, 'job', array_agg(i.id ORDER BY i.id), h.queue, h.priority, now() + $5::float8 * interval '1 second'
     FROM input i, shape h WHERE ${isStored('i.id')} GROUP BY i.outbox_id, h.queue, h.priority
     ON CONFLICT (id) DO UPDATE SET job_ids = o.job_ids || excluded.job_ids
   )
   SELECT CASE WHEN ${isCurrent('$6')} THEN count(*)::integer ELSE -1 END AS jobs, now() AS created_at FROM stored`,
);

/** The same for jobs that wait for their turn, of a batch that was not stored before. A place for each in place of rows of the outbox. */
export const SUBMIT_PLAIN_TO_ROOM = statement(
  'job:submit-plain-to-room',
  `WITH input AS (
     SELECT * FROM unnest($1::text::uuid[], ${textsOf('$2')}) AS i (id, payload) WHERE ${isCurrent('$4')}
   ), shape AS (
     SELECT ${OPTION_COLUMNS.map(({ column, type }, index) => `$${5 + index}::${type} AS ${column}`).join(', ')}
   ), stored AS (
     INSERT INTO lh.jobs (id, kind, state, payload, queued_at, events, history, ${OPTION_NAMES})
     SELECT id, $3, 'queued', payload::json, now(), 1, NULL, ${OPTION_VALUES} FROM input, shape
     ON CONFLICT (id) DO NOTHING
     RETURNING id, queue, kind, priority, flow_key, tags, limit_keys, start_before
   ), entered AS (${enteringRoom(
     `SELECT j.id AS job_id, j.queue, j.kind, j.priority, j.flow_key, j.tags, j.limit_keys, j.start_before, false AS suspect, now() AS since, false AS front FROM stored j`,
   )})
   SELECT CASE WHEN ${isCurrent('$4')} THEN count(*)::integer ELSE -1 END AS jobs, now() AS created_at FROM stored`,
);

/** The job that waits with a unique key, if there is one. */
export const FIND_WAITING = (columns: string) => statement('job:find-waiting', `SELECT ${columns} FROM ${waitingWith('$1')}`);

/** The jobs that keys stand for. */
export const FIND_BY_KEYS = (columns: string) =>
  statement(
    'job:find-by-keys',
    `SELECT k.scope, k.key, k.fingerprint, k.job_id, ${columns}
     FROM unnest($1::text[], $2::text[]) AS i (scope, key)
     JOIN lh.idempotency_keys k ON k.scope = i.scope AND k.key = i.key
     JOIN lh.jobs ON jobs.id = k.job_id`,
  );

/** The same, of keys that still hold; and what the store itself would answer, without writing. */
export const FIND_LIVE_KEYS = (columns: string) => {
  const { text } = FIND_BY_KEYS(columns);
  return { name: 'job:find-live-keys', text: `${text} WHERE k.expires_at > now()` };
};
