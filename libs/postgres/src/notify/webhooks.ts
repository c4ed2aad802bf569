import { seen } from '../pool/of-tenant.js';
import { statement } from '../pool/database.js';

const ENDPOINT = 'id, tenant, url, description, events, kinds, tags, secrets, disabled_at, disabled_reason, created_at';

export const CREATE_ENDPOINT = statement(
  'webhook:create-endpoint',
  `INSERT INTO lh.webhook_endpoints (id, url, description, events, kinds, tags, secrets, tenant)
   SELECT $1::uuid, $2, $3, $4::text[], $5::text[], $6::text[], jsonb_build_array(jsonb_build_object('secret', $7::text, 'expiresAt', NULL)), $9
   WHERE (SELECT count(*) FROM lh.webhook_endpoints WHERE tenant = $9) < $8
   RETURNING ${ENDPOINT}`,
);

export const REMOVE_SURPLUS_ENDPOINT = statement(
  'webhook:remove-surplus-endpoint',
  'DELETE FROM lh.webhook_endpoints WHERE id = $1 AND (SELECT count(*) FROM lh.webhook_endpoints WHERE tenant = $3) > $2 RETURNING id',
);

export const FIND_ENDPOINT = statement('webhook:find-endpoint', `SELECT ${ENDPOINT} FROM lh.webhook_endpoints WHERE id = $1 AND ${seen('tenant', '$2')}`);

export const ALL_ENDPOINTS = statement('webhook:all-endpoints', `SELECT ${ENDPOINT} FROM lh.webhook_endpoints WHERE ${seen('tenant', '$1')} ORDER BY id`);

export const ENABLED_ENDPOINTS = statement('webhook:enabled-endpoints', `SELECT ${ENDPOINT} FROM lh.webhook_endpoints WHERE disabled_at IS NULL ORDER BY id`);

/** Null leaves a column as it is. */
export const UPDATE_ENDPOINT = statement(
  'webhook:update-endpoint',
  `UPDATE lh.webhook_endpoints SET
     url = coalesce($2, url), description = coalesce($3, description), events = coalesce($4, events), kinds = coalesce($5, kinds),
     tags = coalesce($6, tags),
     disabled_at = CASE WHEN $7::boolean THEN NULL WHEN NOT $7 THEN coalesce(disabled_at, now()) ELSE disabled_at END,
     disabled_reason = CASE WHEN $7::boolean THEN NULL WHEN NOT $7 THEN coalesce(disabled_reason, 'by request') ELSE disabled_reason END
   WHERE id = $1 AND ${seen('tenant', '$8')} RETURNING ${ENDPOINT}`,
);

/** Secrets that have expired are forgotten; of the others the newest four go on signing. */
export const ROTATE_SECRET = statement(
  'webhook:rotate-secret',
  `UPDATE lh.webhook_endpoints e SET secrets = jsonb_build_array(jsonb_build_object('secret', $2::text, 'expiresAt', NULL)) || (
     SELECT coalesce(jsonb_agg(jsonb_build_object('secret', s.secret, 'expiresAt', s.expires_at) ORDER BY s.place), '[]') FROM (
       SELECT o.place, o.entry ->> 'secret' AS secret,
              coalesce((o.entry ->> 'expiresAt')::timestamptz, now() + $3::float8 * interval '1 second') AS expires_at
       FROM jsonb_array_elements(e.secrets) WITH ORDINALITY AS o (entry, place) ORDER BY o.place LIMIT 4
     ) s WHERE s.expires_at > now()
   ) WHERE id = $1 AND ${seen('tenant', '$4')} RETURNING ${ENDPOINT}`,
);

export const DISABLE_ENDPOINT = statement(
  'webhook:disable-endpoint',
  'UPDATE lh.webhook_endpoints SET disabled_at = now(), disabled_reason = $2 WHERE id = $1 AND disabled_at IS NULL',
);

export const REMOVE_ENDPOINT = statement('webhook:remove-endpoint', `DELETE FROM lh.webhook_endpoints WHERE id = $1 AND ${seen('tenant', '$2')} RETURNING id`);

/** Two that come at once agree on one. */
export const CALLBACK_SECRET = statement(
  'webhook:callback-secret',
  `INSERT INTO lh.webhook_callback_secret AS s (secret) VALUES ($1) ON CONFLICT (only_row) DO UPDATE SET secret = s.secret RETURNING secret`,
);

export const READ_CALLBACK_SECRET = statement('webhook:read-callback-secret', 'SELECT secret FROM lh.webhook_callback_secret');

/** Only what is still as it was read: whoever has rotated meanwhile has used the new key. */
export const RESEAL_ENDPOINT = statement(
  'webhook:reseal-endpoint',
  'UPDATE lh.webhook_endpoints SET secrets = $3::jsonb WHERE id = $1 AND secrets = $2::jsonb RETURNING id',
);
export const RESEAL_CALLBACK_SECRET = statement(
  'webhook:reseal-callback-secret',
  'UPDATE lh.webhook_callback_secret SET secret = $2 WHERE secret = $1 RETURNING only_row',
);

export const ADD_DELIVERIES = statement(
  'webhook:add-deliveries',
  `INSERT INTO lh.webhook_deliveries (id, webhook_id, endpoint_id, job_id, type, url, body, delivery_job_id, tenant, next_attempt_at)
   SELECT i.*, now() FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::text[]) AS i`,
);

/** A delivery whose job ended without a word (its worker was killed too often, or it was cancelled) has failed. */
const ENDED = `(d.state = 'pending' AND j.state IN ('failed', 'cancelled'))`;
export const DELIVERY_STATE = `CASE WHEN ${ENDED} THEN 'failed' ELSE d.state END`;

export const SELECT_DELIVERIES = `SELECT d.id, d.webhook_id, d.endpoint_id, d.job_id, d.type, d.url, d.body, d.tenant, ${DELIVERY_STATE} AS state, d.attempts,
    d.delivery_job_id, CASE WHEN d.state = 'pending' AND NOT ${ENDED} THEN coalesce(j.run_at, d.next_attempt_at) END AS next_attempt_at,
    d.created_at, CASE WHEN ${ENDED} THEN j.finished_at ELSE d.finished_at END AS finished_at
  FROM lh.webhook_deliveries d LEFT JOIN lh.jobs j ON j.id = d.delivery_job_id`;

export const FIND_DELIVERY = statement('webhook:find-delivery', `${SELECT_DELIVERIES} WHERE d.id = $1 AND ${seen('d.tenant', '$2')}`);

export const RECORD_ATTEMPT = statement(
  'webhook:record-attempt',
  `UPDATE lh.webhook_deliveries SET
     state = $4, finished_at = CASE WHEN $4 <> 'pending' THEN now() END,
     next_attempt_at = now() + $5::float8 * interval '1 millisecond',
     attempts = CASE WHEN $3::jsonb IS NULL THEN attempts
                     ELSE (CASE WHEN jsonb_array_length(attempts) >= 20 THEN attempts - 0 ELSE attempts END) || $3::jsonb END
   WHERE id = $1 AND delivery_job_id = $2`,
);

export const RESTART_DELIVERY = statement(
  'webhook:restart-delivery',
  `UPDATE lh.webhook_deliveries SET state = 'pending', finished_at = NULL, next_attempt_at = now(), delivery_job_id = $3
   WHERE id = $1 AND delivery_job_id = $2 RETURNING id`,
);
