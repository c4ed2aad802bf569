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

/**
 * What had been found for less than $3 seconds when it ended, and was not told, is forgotten, and what has ended for long. Answers those of whose end
 * somebody is to be told. What another gateway tells now is left to it.
 */
export const END_ALERTS = statement(
  'alerts:end',
  `WITH over AS MATERIALIZED (
     SELECT id, told_at IS NOT NULL OR seen_at >= opened_at + $3::float8 * interval '1 second' AS lasted, told_at IS NOT NULL AS told FROM lh.alerts
     WHERE ended_at IS NULL AND seen_at < now() - $1::float8 * interval '1 second' ORDER BY rule, link FOR UPDATE SKIP LOCKED
   ), forgotten AS (
     DELETE FROM lh.alerts a USING over WHERE a.id = over.id AND NOT over.lasted
   ), old AS (
     DELETE FROM lh.alerts WHERE ended_at < now() - $2::float8 * interval '1 second'
   ), ended AS (
     UPDATE lh.alerts a SET ended_at = a.seen_at FROM over WHERE a.id = over.id AND over.lasted RETURNING ${ALERT}, over.told
   )
   SELECT id, rule, link, level, message, fix, opened_at, ended_at FROM ended WHERE told`,
);

export const TELL_ALERTS = statement(
  'alerts:tell',
  `UPDATE lh.alerts a SET told_at = now() FROM (
     SELECT id FROM lh.alerts
     WHERE ended_at IS NULL AND told_at IS NULL AND seen_at >= opened_at + $1::float8 * interval '1 second' ORDER BY rule, link FOR UPDATE SKIP LOCKED
   ) due WHERE a.id = due.id RETURNING ${ALERT}`,
);

/** There are few: what has ended is kept for a month. Their ids go up with the time at which they were opened. */
export const LIST_ALERTS = statement(
  'alerts:list',
  `SELECT ${ALERT}, a.told_at FROM lh.alerts a
   WHERE CASE $2::text WHEN 'open' THEN a.ended_at IS NULL WHEN 'ended' THEN a.ended_at IS NOT NULL ELSE true END
     AND (a.told_at IS NOT NULL OR a.seen_at >= a.opened_at + $1::float8 * interval '1 second')
     AND ($3::text IS NULL OR a.rule = $3) AND ($4::uuid IS NULL OR a.id < $4)
   ORDER BY a.id DESC LIMIT $5`,
);
