import { statement } from '../pool/database.js';

/** In one order, so that two gateways that find the same do not wait for each other in a circle. */
export const FOUND_ALERTS = statement(
  'alerts:found',
  `INSERT INTO lh.alerts AS a (id, rule, link, level, message, fix)
   SELECT DISTINCT ON (i.rule, i.link) i.* FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS i (id, rule, link, level, message, fix)
   ORDER BY i.rule, i.link
   ON CONFLICT (rule, link) WHERE ended_at IS NULL DO UPDATE SET seen_at = now(), message = excluded.message, level = excluded.level`,
);

const ALERT = 'a.id, a.rule, a.link, a.level, a.message, a.fix, a.opened_at, a.ended_at';

/** What ended before it was told is forgotten, and what has ended for long. What another gateway tells now is left to it. */
export const END_ALERTS = statement(
  'alerts:end',
  `WITH over AS MATERIALIZED (
     SELECT id FROM lh.alerts WHERE ended_at IS NULL AND seen_at < now() - $1::float8 * interval '1 second' ORDER BY rule, link FOR UPDATE SKIP LOCKED
   ), forgotten AS (
     DELETE FROM lh.alerts a USING over WHERE a.id = over.id AND a.told_at IS NULL
   ), old AS (
     DELETE FROM lh.alerts WHERE ended_at < now() - $2::float8 * interval '1 second'
   )
   UPDATE lh.alerts a SET ended_at = a.seen_at FROM over WHERE a.id = over.id AND a.told_at IS NOT NULL RETURNING ${ALERT}`,
);

export const TELL_ALERTS = statement(
  'alerts:tell',
  `UPDATE lh.alerts a SET told_at = now() FROM (
     SELECT id FROM lh.alerts
     WHERE ended_at IS NULL AND told_at IS NULL AND seen_at >= opened_at + $1::float8 * interval '1 second' ORDER BY rule, link FOR UPDATE SKIP LOCKED
   ) due WHERE a.id = due.id RETURNING ${ALERT}`,
);
