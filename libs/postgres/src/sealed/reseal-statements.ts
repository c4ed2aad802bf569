import { OWN_KIND_PREFIX } from '@app/core';
import { statement } from '../pool/database.js';

/**
 * In steps of so many rows, by the primary key: each statement looks at few rows and holds no lock. What is not to be sealed anew comes as NULL, so that a table of which most is
 * done is read and not sent. $1: how what is sealed begins, $2: how what is sealed with the current key does, $3: seal what was stored plainly, of all kinds; $4: of these.
 */
export const RESEAL_STEP = 50;

/** Whether the text is of another key, or plain and of a kind that is sealed. */
const stale = (text: string, kind: string) =>
  `NOT starts_with(${text}, $2) AND (starts_with(${text}, $1) OR $3::boolean OR ${kind} = ANY ($4::text[]) OR (cardinality($4::text[]) > 0 AND starts_with(${kind}, '${OWN_KIND_PREFIX}')))`;
const ifStale = (text: string, kind: string) => `CASE WHEN ${stale(text, kind)} THEN ${text} END`;
/** Bytes that are sealed are ASCII; what is not sealed stays as it is. */
const ascii = (bytes: string) => `encode(${bytes}, 'escape')`;

export const JOBS_TO_RESEAL = statement(
  'reseal:jobs',
  `SELECT id, tenant, ${ifStale('payload::text', 'kind')} AS first, ${ifStale('result::text', 'kind')} AS second
   FROM lh.jobs WHERE id > $5::uuid ORDER BY id LIMIT ${RESEAL_STEP}`,
);

/** Each column only where it is what was read: a redrive may have brought another payload, and an attempt a result. */
export const RESEAL_JOB = statement(
  'reseal:job',
  `UPDATE lh.jobs SET payload = CASE WHEN payload::text = $2::text THEN $3::json ELSE payload END, result = CASE WHEN result::text = $4::text THEN $5::json ELSE result END
   WHERE id = $1 AND (payload::text = $2::text OR result::text = $4::text) RETURNING id`,
);

export const STEPS_TO_RESEAL = statement(
  'reseal:steps',
  `SELECT s.job_id AS id, s.name, j.tenant, ${ifStale('s.result::text', 'j.kind')} AS first
   FROM lh.job_steps s JOIN lh.jobs j ON j.id = s.job_id WHERE (s.job_id, s.name) > ($5::uuid, $6::text) ORDER BY s.job_id, s.name LIMIT ${RESEAL_STEP}`,
);

export const RESEAL_STORED_STEP = statement(
  'reseal:step',
  'UPDATE lh.job_steps SET result = $4::json WHERE job_id = $1 AND name = $2 AND result::text = $3::text RETURNING name',
);

export const SCHEDULES_TO_RESEAL = statement(
  'reseal:schedules',
  `SELECT tenant, id, ${ifStale('payload::text', 'kind')} AS first FROM lh.schedules WHERE (tenant, id) > ($5::text, $6::text) ORDER BY tenant, id LIMIT ${RESEAL_STEP}`,
);

export const RESEAL_SCHEDULE = statement(
  'reseal:schedule',
  'UPDATE lh.schedules SET payload = $4::json WHERE tenant = $1 AND id = $2 AND payload::text = $3::text RETURNING id',
);

export const DELIVERIES_TO_RESEAL = statement(
  'reseal:deliveries',
  `SELECT id, tenant, CASE WHEN NOT starts_with(body, $2) AND (starts_with(body, $1) OR $3::boolean OR cardinality($4::text[]) > 0) THEN body END AS first
   FROM lh.webhook_deliveries WHERE id > $5::uuid ORDER BY id LIMIT ${RESEAL_STEP}`,
);

export const RESEAL_DELIVERY = statement('reseal:delivery', 'UPDATE lh.webhook_deliveries SET body = $3 WHERE id = $1 AND body = $2 RETURNING id');

/** Those alone that are sealed: others have their digest in their identity, which would have to be made anew, too. */
export const LETTERS_TO_RESEAL = statement(
  'reseal:letters',
  `SELECT id, tenant, identity, CASE WHEN starts_with(identity, $3) AND starts_with(${ascii('body')}, $1) AND NOT starts_with(${ascii('body')}, $2) THEN ${ascii('body')} END AS first
   FROM lh.dead_letters WHERE id > $4::uuid ORDER BY id LIMIT ${RESEAL_STEP}`,
);

export const RESEAL_LETTER = statement('reseal:letter', 'UPDATE lh.dead_letters SET body = $3::bytea WHERE id = $1 AND body = $2::bytea RETURNING id');

export const KEYS_TO_RESEAL = statement(
  'reseal:keys',
  `SELECT scope, key, CASE WHEN octet_length(fingerprint) > 32 AND starts_with(${ascii('fingerprint')}, $1) AND NOT starts_with(${ascii('fingerprint')}, $2) THEN ${ascii('fingerprint')} END AS first
   FROM lh.idempotency_keys WHERE (scope, key) > ($3::text, $4::text) ORDER BY scope, key LIMIT ${RESEAL_STEP}`,
);

export const RESEAL_KEY = statement(
  'reseal:key',
  'UPDATE lh.idempotency_keys SET fingerprint = $4::bytea WHERE scope = $1 AND key = $2 AND fingerprint = $3::bytea RETURNING key',
);
