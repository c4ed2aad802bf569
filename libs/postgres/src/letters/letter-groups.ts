import { DEFAULT_TENANT, type GroupFilter, type LetterGroup } from '@app/core';
import { seen } from '../pool/of-tenant.js';
import { statement } from '../pool/database.js';

export interface GroupRow {
  fingerprint: string;
  source: 'job' | 'message';
  reason: string;
  kinds: string[] | null;
  letters: number;
  occurrences: number;
  first_seen: Date;
  last_seen: Date;
  cells: [hour: number, letters: number][] | null;
  acknowledged_at: Date | null;
  acknowledged_reason: string | null;
  by: string | null;
  since: number;
  sample: string;
  detail: string;
  producer: string | null;
  error: string | null;
  frame: string | null;
  all_groups: number;
  all_letters: number;
  hour_now: number;
}

export const HOUR_MS = 3_600_000;

/** What waits for somebody. Both indexes of groups have only such letters. */
export const OPEN = 'redriven_at IS NULL AND discarded_at IS NULL';

/** Anybody may send messages of any number of kinds. */
const MOST_KINDS = 20;

const ORDER = { most: 'letters DESC, last_seen DESC, fingerprint', newest: 'last_seen DESC, fingerprint' };

/**
 * All open letters are counted, in one pass: first by group, kind and hour, of which there are few, then by group. Source and reason are the same for all of a group, and
 * are read of its newest letter, as the text is. `where` has the filter; the parameters have the hours, the limit, and the tenant, whose acknowledgments count.
 */
export function groupsText(
  { sort, acknowledged }: GroupFilter,
  where: string,
  [hours, limit, tenant]: [hours: string, limit: string, tenant: string | undefined],
): string {
  const known = acknowledged === undefined ? 'true' : `a.fingerprint IS ${acknowledged ? 'NOT NULL' : 'NULL'}`;
  return `/* dead-letter:groups */ WITH cells AS (
      SELECT fingerprint, kind, floor(date_part('epoch', created_at) / 3600)::integer AS hour,
             count(*)::integer AS letters, sum(occurrences)::integer AS occurrences, min(created_at) AS first_seen, max(last_seen_at) AS last_seen
      FROM lh.dead_letters WHERE ${OPEN} AND fingerprint IS NOT NULL AND ${where} GROUP BY 1, 2, 3
    ), clock AS (SELECT floor(date_part('epoch', now()) / 3600)::integer AS hour), grouped AS (
      SELECT c.fingerprint, (array_agg(DISTINCT c.kind) FILTER (WHERE c.kind IS NOT NULL))[1:${MOST_KINDS}] AS kinds,
             sum(c.letters)::integer AS letters, sum(c.occurrences)::integer AS occurrences, min(c.first_seen) AS first_seen, max(c.last_seen) AS last_seen,
             jsonb_agg(jsonb_build_array(c.hour, c.letters)) FILTER (WHERE c.hour > clock.hour - ${hours}::integer) AS cells
      FROM cells c, clock GROUP BY c.fingerprint
    ), known AS (
      SELECT g.*, a.acknowledged_at, a.reason AS acknowledged_reason, a.by FROM grouped g LEFT JOIN lh.dead_letter_groups a ON a.tenant = ${tenant ?? `'${DEFAULT_TENANT}'`} AND a.fingerprint = g.fingerprint WHERE ${known}
    ), shown AS (
      SELECT *, count(*) OVER ()::integer AS all_groups, sum(letters) OVER ()::integer AS all_letters FROM known ORDER BY ${ORDER[sort]} LIMIT ${limit}::integer
    )
    SELECT s.*, clock.hour AS hour_now, d.id AS sample, d.source, d.reason, d.detail, d.producer, d.error, d.frame,
           CASE WHEN s.acknowledged_at IS NULL THEN 0 ELSE (
             SELECT count(*)::integer FROM lh.dead_letters n WHERE ${tenant === undefined ? '' : `n.tenant = ${tenant} AND `}n.fingerprint = s.fingerprint AND n.created_at > s.acknowledged_at AND n.redriven_at IS NULL AND n.discarded_at IS NULL
           ) END AS since
    FROM shown s CROSS JOIN clock CROSS JOIN LATERAL (
      SELECT id, source, reason, detail, producer, error, frame FROM lh.dead_letters WHERE fingerprint = s.fingerprint AND ${OPEN} AND ${where} ORDER BY created_at DESC, id DESC LIMIT 1
    ) d ORDER BY ${ORDER[sort]}`;
}

export function toGroup(row: GroupRow, hours: number): LetterGroup {
  const counts = new Array<number>(hours).fill(0);
  const first = row.hour_now - hours + 1;
  for (const [hour, letters] of row.cells ?? []) if (hour >= first && hour <= row.hour_now) counts[hour - first] = (counts[hour - first] ?? 0) + letters;
  return {
    group: row.fingerprint,
    source: row.source,
    reason: row.reason,
    kinds: row.kinds ?? [],
    producer: row.producer,
    error: row.error,
    frame: row.frame,
    detail: row.detail,
    sampleId: row.sample,
    letters: row.letters,
    occurrences: row.occurrences,
    firstSeenAt: row.first_seen,
    lastSeenAt: row.last_seen,
    hours: counts,
    acknowledged: row.acknowledged_at && { at: row.acknowledged_at, reason: row.acknowledged_reason, by: row.by, since: row.since },
  };
}

export const UNGROUPED = statement(
  'dead-letter:ungrouped',
  `SELECT count(*)::integer AS letters FROM lh.dead_letters WHERE fingerprint IS NULL AND ${seen('tenant', '$1')}`,
);

/** A group without letters has nothing to be known of. */
export const ACKNOWLEDGE = statement(
  'dead-letter:acknowledge',
  `INSERT INTO lh.dead_letter_groups (tenant, fingerprint, reason, by)
   SELECT coalesce($4::text, '${DEFAULT_TENANT}'), $1, $2, $3 WHERE EXISTS (SELECT FROM lh.dead_letters WHERE fingerprint = $1 AND ${OPEN} AND ${seen('tenant', '$4')})
   ON CONFLICT (tenant, fingerprint) DO UPDATE SET acknowledged_at = now(), reason = excluded.reason, by = excluded.by RETURNING fingerprint`,
);

export const REOPEN = statement('dead-letter:reopen', `DELETE FROM lh.dead_letter_groups WHERE tenant = $2 AND fingerprint = $1`);
