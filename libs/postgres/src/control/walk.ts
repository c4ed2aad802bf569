import type { QueryResultRow } from 'pg';
import type { Database } from '../pool/database.js';

/**
 * Rows that are looked at for one page, in growing steps: most pages are full after the first. Whatever the filter and however many
 * rows there are, a page looks at no more than their sum, which its ways share; it then has fewer rows than were asked for, or none,
 * and its cursor goes on where the look ended. A row costs about 2 µs in memory.
 */
export const WALK_STEPS = [250, 1_500, 6_000];

/** One way through rows from the newest to the oldest, by an index that has them in this order. */
export interface Way {
  /** A subquery of at most `budget` rows in each `part`: `id`, `hit` (whether all of the filter fits), `part`. */
  text: (budget: string) => string;
  /** Of how many parts it is made, as SQL; they share the budget. */
  parts?: string;
  /** It ends by itself, and has everything: the budget is not needed. */
  whole?: true;
}

/** Ids that fit, newest first, and where the look ended; `floor` is null when there is nothing beyond. */
export interface Walked {
  ids: string[];
  floor: string | null;
}

interface WayRow extends QueryResultRow {
  ids: string[];
  floor: string | null;
}

/**
 * Goes all ways a step at a time until `wanted` ids are found, one way has come to its end, or the last step is done. Each way has
 * everything down to its own floor, so the one that comes the farthest decides: of two filters that is the one that fits less often.
 */
export async function walk(db: Database, name: string, ways: Way[], values: unknown[], wanted: number): Promise<Walked> {
  let walked: Walked = { ids: [], floor: null };
  for (const budget of WALK_STEPS) {
    const size = Math.max(Math.ceil(budget / ways.length), wanted);
    const [budgetAt, wantedAt] = [`$${values.length + 1}::integer`, `$${values.length + 2}::integer`];
    const text = ways.map((way, index) => `(${foundBy(way, index, budgetAt, wantedAt)})`).join(' UNION ALL ');
    const rows = await db.runOnce<WayRow>(`/* ${name} */ ${text}`, [...values, size, wanted]);
    walked = joined(rows);
    if (walked.floor === null || walked.ids.length >= wanted) break;
  }
  return walked;
}

/** Where a part is full there may be more below its last row; what lies above all such rows is complete. */
function foundBy({ text, whole, parts }: Way, index: number, budget: string, wanted: string): string {
  const way = `w${index}`;
  const ofPart = parts === undefined ? budget : `greatest(1, ${budget} / greatest(1, (${parts})))`;
  const floor = whole
    ? 'NULL::text'
    : `(SELECT max(p.last) FROM (SELECT min(id::text) AS last, count(*) AS rows FROM ${way} GROUP BY part) p WHERE p.rows >= ${ofPart})`;
  return `WITH ${way} AS MATERIALIZED (${text(ofPart)})
    SELECT ARRAY(SELECT id::text FROM ${way} WHERE hit ORDER BY id DESC LIMIT ${wanted}) AS ids, ${floor} AS floor, ${budget} AS budget`;
}

function joined(rows: WayRow[]): Walked {
  // A way that has cut its own list off is complete only down to the end of it, which is beyond what is wanted.
  const floor = rows.some((row) => row.floor === null) ? null : (rows.map((row) => row.floor as string).sort()[0] ?? null);
  const ids = [...new Set(rows.flatMap((row) => row.ids))].filter((id) => floor === null || id >= floor).sort();
  return { ids: ids.reverse(), floor };
}
