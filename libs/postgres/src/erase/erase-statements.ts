import { MARKED, statement } from '../pool/database.js';
import { seen } from '../pool/of-tenant.js';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** The jobs that the erasure $1 has removed. */
const ERASED = `SELECT id FROM lh.erasure_items WHERE erasure_id = $1 AND thing IN ('jobs', 'notifications')`;

const COLUMNS = `e.id, e.tenant, e.tag, e.keep_files, e.reason, e.subject, e.via, e.ip, e.asked_at, e.removed, e.jobs_sha256, e.remaining, e.finished_at`;

export const ADD_ERASURE = statement(
  'erasure:add',
  `INSERT INTO lh.erasures (id, tenant, tag, keep_files, reason, subject, via, ip) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`,
);

/** With the state of the job that does it; NULL when retention has removed that. */
export const FIND_ERASURE = statement(
  'erasure:find',
  `SELECT ${COLUMNS}, j.state FROM lh.erasures e LEFT JOIN lh.jobs j ON j.id = e.id WHERE e.id = $1 AND ${seen('e.tenant', '$2')}`,
);

const listing = (name: string, whose: string) =>
  statement(
    name,
    `SELECT ${COLUMNS}, j.state FROM lh.erasures e LEFT JOIN lh.jobs j ON j.id = e.id
     WHERE ${whose} AND ($2::text IS NULL OR e.tag = $2) AND ($3::uuid IS NULL OR e.id < $3) ORDER BY e.id DESC LIMIT $4`,
  );
/** By \`erasures_list\`, and of all tenants by the primary key: ids are of the time at which the erasure was asked for. */
export const LIST_ERASURES = listing('erasure:list', 'e.tenant = $1');
export const LIST_ALL_ERASURES = listing('erasure:list-all', '$1::text IS NULL');

/** Two attempts of one erasure count one after the other, and none counts when it has ended. */
export const LOCK_ERASURE = statement('erasure:lock', 'SELECT id FROM lh.erasures WHERE id = $1 AND finished_at IS NULL FOR UPDATE');

export const LOCK_ENDED = statement(
  'erasure:lock-ended',
  `SELECT id, coalesce(cancel ->> 'outcome' = 'abandoned', false) AS abandoned FROM lh.jobs WHERE id = ANY ($1::uuid[]) AND finished_at IS NOT NULL
   ORDER BY id FOR UPDATE`,
);

/** Before anything else: whoever is telling of an outcome has its notice, and what it stores has to be there when deliveries are looked for. */
export const ERASE_NOTICES = statement('erasure:notices', 'DELETE FROM lh.notices WHERE job_id = ANY ($1::uuid[])');

/** A file is a job's when the job names its id, wherever. */
const texts = (jobs: string): string => `SELECT payload::text AS text FROM lh.jobs WHERE id IN (${jobs})
     UNION ALL SELECT result::text FROM lh.jobs WHERE id IN (${jobs})
     UNION ALL SELECT errors::text FROM lh.jobs WHERE id IN (${jobs})
     UNION ALL SELECT progress::text FROM lh.jobs WHERE id IN (${jobs})
     UNION ALL SELECT result::text FROM lh.job_steps WHERE job_id IN (${jobs})
     UNION ALL SELECT data::text FROM lh.job_events WHERE job_id IN (${jobs})`;

/** What may be sealed, opened: only of jobs, and of steps by their own names. */
export const STEPS_OF_JOBS = statement('erasure:steps', `SELECT job_id, name, result::text AS text FROM lh.job_steps WHERE job_id = ANY ($1::uuid[])`);

export const REMEMBER_NAMED_FILES = statement(
  'erasure:remember-named-files',
  `INSERT INTO lh.erasure_items (erasure_id, thing, id) SELECT $1::uuid, 'file', id FROM lh.files WHERE id = ANY ($2::uuid[]) AND tenant = $3::text ON CONFLICT DO NOTHING`,
);

/** A subquery: the ids of the tenant's files that these jobs name. */
export const filesOf = (jobs: string, tenant: string): string =>
  `SELECT DISTINCT f.id FROM (${texts(jobs)}) t CROSS JOIN LATERAL regexp_matches(t.text, '${UUID}', 'gi') m JOIN lh.files f ON f.id = m[1]::uuid AND f.tenant = ${tenant}`;

export const REMEMBER_FILES = statement(
  'erasure:remember-files',
  `INSERT INTO lh.erasure_items (erasure_id, thing, id) SELECT $1::uuid, 'file', f.id FROM (${filesOf('SELECT unnest($2::uuid[])', '$3::text')}) f ON CONFLICT DO NOTHING`,
);

/** All that a page of jobs has, and the jobs: one row with the numbers. What tells of them is remembered, and goes later. */
export const ERASE_JOBS = statement(
  'erasure:jobs',
  `WITH deliveries AS (
     DELETE FROM lh.webhook_deliveries WHERE job_id = ANY ($2::uuid[]) RETURNING id, delivery_job_id
   ), letters AS (
     DELETE FROM lh.dead_letters WHERE job_id = ANY ($2::uuid[]) RETURNING id
   ), steps AS (
     DELETE FROM lh.job_steps WHERE job_id = ANY ($2::uuid[]) RETURNING job_id
   ), events AS (
     DELETE FROM lh.job_events WHERE job_id = ANY ($2::uuid[]) RETURNING job_id
   ), places AS (
     DELETE FROM lh.waiting_room WHERE job_id = ANY ($2::uuid[])
   ), remembered AS (
     INSERT INTO lh.erasure_items (erasure_id, thing, id)
     SELECT $1::uuid, 'delivery', id FROM deliveries
     UNION SELECT $1::uuid, 'telling', delivery_job_id FROM deliveries
     UNION SELECT $1::uuid, $3::text, id FROM unnest($2::uuid[]) AS e (id)
     ON CONFLICT DO NOTHING
   ), jobs AS (
     DELETE FROM lh.jobs WHERE id = ANY ($2::uuid[]) RETURNING id
   )
   SELECT (SELECT count(*) FROM jobs)::integer AS jobs, (SELECT count(*) FROM steps)::integer AS steps, (SELECT count(*) FROM events)::integer AS events,
          (SELECT count(*) FROM letters)::integer AS letters, (SELECT count(*) FROM deliveries)::integer AS deliveries`,
);

export const COUNT_ERASED = statement(
  'erasure:count',
  `UPDATE lh.erasures e SET removed = e.removed || (
     SELECT jsonb_object_agg(c.thing, coalesce((e.removed ->> c.thing)::bigint, 0) + c.number) FROM unnest($2::text[], $3::bigint[]) AS c (thing, number)
   ) WHERE e.id = $1`,
);

/** One kind after the other by its index: few are Longhaul's own. */
export const OWN_KINDS = statement(
  'erasure:own-kinds',
  `WITH RECURSIVE kinds AS (
     (SELECT kind FROM lh.jobs ORDER BY kind LIMIT 1)
     UNION ALL SELECT (SELECT n.kind FROM lh.jobs n WHERE n.kind > k.kind ORDER BY n.kind LIMIT 1) FROM kinds k WHERE k.kind IS NOT NULL
   ) SELECT kind FROM kinds WHERE starts_with(kind, $1::text)`,
);

/** Of a kind of Longhaul's own, behind an id, by pages. What nobody can open tells nobody of anything. */
export const OWN_JOBS = statement(
  'erasure:own-jobs',
  `SELECT id, tenant, payload::text AS payload FROM lh.jobs WHERE (kind, id) > ($1::text, $2::uuid) AND kind = $1 ORDER BY kind, id LIMIT $3`,
  MARKED,
);

/** Of the jobs $2 those that name the erased job $3, or its delivery $4. */
export const REMEMBER_TELLING = statement(
  'erasure:remember-telling',
  `INSERT INTO lh.erasure_items (erasure_id, thing, id)
   SELECT DISTINCT $1::uuid, 'telling', p.id FROM unnest($2::uuid[], $3::uuid[], $4::uuid[]) AS p (id, job, delivery)
   JOIN lh.erasure_items i ON i.erasure_id = $1 AND ((i.thing = 'jobs' AND i.id = p.job) OR (i.thing = 'delivery' AND i.id = p.delivery))
   ON CONFLICT DO NOTHING`,
);

export const TELLING = statement(
  'erasure:telling',
  `SELECT j.id FROM lh.erasure_items i JOIN lh.jobs j ON j.id = i.id WHERE i.erasure_id = $1 AND i.thing = 'telling' ORDER BY j.id`,
);

export const PRESENT = statement('erasure:present', 'SELECT id FROM lh.jobs WHERE id = ANY ($1::uuid[])');

export const SWEEP_KEYS = statement('erasure:keys', `DELETE FROM lh.idempotency_keys WHERE job_id IN (${ERASED}) RETURNING job_id`);

/** Of messages that became jobs, and of jobs, whose letters came while they were being erased. */
export const SWEEP_LETTERS = statement(
  'erasure:letters',
  `DELETE FROM lh.dead_letters WHERE id IN (
     SELECT d.id FROM lh.dead_letters d JOIN (${ERASED}) e ON e.id = d.redriven_job_id
     UNION SELECT d.id FROM lh.dead_letters d JOIN (${ERASED}) e ON e.id = d.job_id
   ) RETURNING id`,
);

/** Of what was being told while its job was erased. */
export const SWEEP_DELIVERIES = statement('erasure:deliveries', `DELETE FROM lh.webhook_deliveries WHERE job_id IN (${ERASED}) RETURNING id`);

/** Its keys may hold the value of a tag. A time that has passed says as much as no row. */
export const SWEEP_RATES = statement('erasure:rates', 'DELETE FROM lh.flow_rates WHERE next_at <= now()');

/** Handlers make the key of a file of their job's id. Of the tenant $2. */
export const REMEMBER_KEYED_FILES = statement(
  'erasure:remember-keyed-files',
  `INSERT INTO lh.erasure_items (erasure_id, thing, id)
   SELECT DISTINCT $1::uuid, 'file', f.id FROM lh.files f CROSS JOIN LATERAL regexp_matches(f.key, '${UUID}', 'gi') m
   JOIN (${ERASED}) e ON e.id = m[1]::uuid WHERE f.key IS NOT NULL AND f.tenant = $2::text ON CONFLICT DO NOTHING`,
);

export const FILES_TO_REMOVE = statement('erasure:files', `SELECT id FROM lh.erasure_items WHERE erasure_id = $1 AND thing = 'file' ORDER BY id LIMIT $2`);

export const FORGET_FILE = statement('erasure:forget-file', `DELETE FROM lh.erasure_items WHERE erasure_id = $1 AND thing = 'file' AND id = $2 RETURNING id`);

/** What still names what was erased; jobs of the tag and schedules are counted beside it. */
export const COUNT_LEFT = statement(
  'erasure:left',
  `SELECT (SELECT count(*) FROM lh.erasure_items i JOIN lh.jobs j ON j.id = i.id WHERE i.erasure_id = $1 AND i.thing = 'telling')::integer AS notifications,
          (SELECT count(*) FROM lh.webhook_deliveries WHERE job_id IN (${ERASED}))::integer AS deliveries,
          (SELECT count(*) FROM lh.dead_letters WHERE job_id IN (${ERASED}) OR redriven_job_id IN (${ERASED}))::integer AS "deadLetters",
          (SELECT count(*) FROM lh.idempotency_keys WHERE job_id IN (${ERASED}))::integer AS "idempotencyKeys",
          (SELECT count(*) FROM lh.erasure_items WHERE erasure_id = $1 AND thing = 'file')::integer AS files`,
);

/** Schedules of the tenant $1 whose jobs have the tag $2. */
export const COUNT_SCHEDULES = statement(
  'erasure:schedules',
  `SELECT count(*)::integer AS schedules FROM lh.schedules WHERE tenant = $1 AND options -> 'tags' @> to_jsonb($2::text)`,
);

/** The digest of the ids of the jobs, in order, each with a line feed: what `sort | sha256sum` says of a list of them. */
export const FINISH_ERASURE = statement(
  'erasure:finish',
  `UPDATE lh.erasures e SET finished_at = now(), remaining = $2::jsonb, jobs_sha256 = (
     SELECT encode(sha256(convert_to(coalesce(string_agg(i.id::text || chr(10), '' ORDER BY i.id), ''), 'UTF8')), 'hex')
     FROM lh.erasure_items i WHERE i.erasure_id = $1 AND i.thing = 'jobs'
   ) WHERE e.id = $1 AND e.finished_at IS NULL RETURNING ${COLUMNS}`,
);

export const FORGET_ITEMS = statement('erasure:forget-items', 'DELETE FROM lh.erasure_items WHERE erasure_id = $1');
