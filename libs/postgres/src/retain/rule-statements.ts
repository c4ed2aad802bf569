import { ALL_TENANTS, MAX_RETENTION_RULES, MAX_RETENTION_RULES_IN_ALL } from '@app/core';
import { statement } from '../pool/database.js';

const COLUMNS = 'r.tenant, r.kinds, r.origin, r.succeeded_seconds::float8, r.failed_seconds::float8, r.updated_at';
/** Who sets a rule through the API. */
export const API = 'api';

/** Those of one tenant and those for all; of every tenant where `$1` is NULL. */
export const LIST_RULES = statement(
  'retention:list',
  `SELECT ${COLUMNS} FROM lh.retention_rules r
   WHERE $1::text IS NULL OR r.tenant = $1 OR r.tenant = '${ALL_TENANTS}' ORDER BY r.tenant, r.kinds, r.origin`,
);

export const FIND_RULE = statement(
  'retention:find',
  `SELECT ${COLUMNS} FROM lh.retention_rules r WHERE r.tenant = $1 AND r.kinds = $2 AND r.origin = '${API}'`,
);

/** No row comes where there would be too many. */
export const PUT_RULE = statement(
  'retention:put',
  `INSERT INTO lh.retention_rules AS r (tenant, kinds, origin, succeeded_seconds, failed_seconds)
   SELECT $1, $2, '${API}', $3::bigint, $4::bigint
   WHERE EXISTS (SELECT FROM lh.retention_rules WHERE tenant = $1 AND kinds = $2 AND origin = '${API}')
      OR (SELECT count(*) FROM lh.retention_rules WHERE tenant = $1 AND origin = '${API}') < ${MAX_RETENTION_RULES}
     AND (SELECT count(*) FROM lh.retention_rules) < ${MAX_RETENTION_RULES_IN_ALL}
   ON CONFLICT (tenant, kinds, origin) DO UPDATE SET
     succeeded_seconds = excluded.succeeded_seconds, failed_seconds = excluded.failed_seconds, updated_at = now()
   RETURNING ${COLUMNS}`,
);

export const REMOVE_RULE = statement(
  'retention:remove',
  `WITH gone AS (DELETE FROM lh.retention_rules WHERE tenant = $1 AND kinds = $2 AND origin = '${API}' RETURNING tenant)
   SELECT EXISTS (SELECT FROM gone) AS removed,
          EXISTS (SELECT FROM lh.retention_rules WHERE tenant = $1 AND kinds = $2 AND origin <> '${API}') AS in_code`,
);

/** What the code of one configuration says, in place of what it said before: `$1` its origin, `$2` its kinds. Of two gateways that start, the later one's holds. */
export const PUT_CODE_RULES = statement(
  'retention:put-code',
  `WITH said AS (
     SELECT * FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS s (kinds, succeeded, failed)
   ), gone AS (
     DELETE FROM lh.retention_rules r WHERE r.tenant = '${ALL_TENANTS}' AND r.origin = $1 AND NOT r.kinds = ANY ($2::text[])
   )
   INSERT INTO lh.retention_rules AS r (tenant, kinds, origin, succeeded_seconds, failed_seconds)
   SELECT '${ALL_TENANTS}', kinds, $1, succeeded, failed FROM said ORDER BY kinds
   ON CONFLICT (tenant, kinds, origin) DO UPDATE SET
     succeeded_seconds = excluded.succeeded_seconds, failed_seconds = excluded.failed_seconds, updated_at = now()
   WHERE (r.succeeded_seconds, r.failed_seconds) IS DISTINCT FROM (excluded.succeeded_seconds, excluded.failed_seconds)`,
);
