import type { QueryResultRow } from 'pg';
import type { Database } from '../pool/database.js';

/**
 * Rows that are looked at for one page, in growing steps, each of which begins where the one before has ended: most pages are full after the first.
 * Whatever the filter and however many rows there are, a page looks at no more than their sum, which its ways share, nor for much longer than
 * `WALK_MS`; it then has fewer rows than were asked for, or none, and its cursor goes on where the look ended. A row costs about 2 µs in memory.
 */
export const WALK_STEPS = [250, 1_500, 6_000, 12_000];
/** No step is begun that would last longer, by what a row has cost so far. */
const WALK_MS = 200;
/** Below this a step is not made smaller: it costs a round trip. */
const LEAST_STEP = 100;

/** About how long a walk looks, in milliseconds, and at how many rows in each of its steps. */
export interface Bound {
  lookMs?: number | undefined;
  steps?: readonly number[];
}

/** Where a walk begins and ends, and in which direction it goes. Both ends are ids; `included`: the first one is looked at too. */
export interface Span {
  oldestFirst: boolean;
  start: string;
  included: boolean;
  end: string;
}

/** The ends of a span in a statement, and the comparisons with them. */
export interface Bounds {
  start: string;
  beyondStart: '<' | '<=' | '>' | '>=';
  end: string;
  beforeEnd: '<=' | '>=';
  direction: 'ASC' | 'DESC';
}

/** One way through rows in the order of their ids, by an index that has them in this order. */
export interface Way {
  /** A subquery of at most `budget` rows in each `part`: `id`, `hit` (whether all of the filter fits), `part`. A part that is NULL has ended by itself. */
  text: (bounds: Bounds, budget: string) => string;
  /** Of how many parts it is made, as SQL; they share the budget. */
  parts?: string;
  /** It ends by itself, and has everything: the budget is not needed. */
  whole?: true;
}

/** Ids that fit, in the order of the walk, and where the look ended; `floor` is null when there is nothing beyond. */
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
export async function walk(
  db: Database,
  name: string,
  ways: Way[],
  values: unknown[],
  { oldestFirst, end, ...span }: Span,
  wanted: number,
  { lookMs = WALK_MS, steps = WALK_STEPS }: Bound = {},
): Promise<Walked> {
  const begun = performance.now();
  const ids: string[] = [];
  let { start, included } = span;
  let floor: string | null = null;
  let looked = 0;
  for (const step of steps) {
    const elapsed = performance.now() - begun;
    const affordable = looked === 0 ? step : Math.floor((looked * (lookMs - elapsed)) / elapsed);
    if (affordable < Math.min(step, LEAST_STEP)) break;
    const budget = Math.min(step, affordable);
    const at = (offset: number) => `$${values.length + offset}`;
    const bounds: Bounds = {
      start: `${at(1)}::uuid`,
      end: `${at(2)}::uuid`,
      beyondStart: oldestFirst ? (included ? '>=' : '>') : included ? '<=' : '<',
      beforeEnd: oldestFirst ? '<=' : '>=',
      direction: oldestFirst ? 'ASC' : 'DESC',
    };
    const text = ways.map((way, index) => `(${foundBy(way, index, bounds, `${at(3)}::integer`, `${at(4)}::integer`)})`).join(' UNION ALL ');
    const missing = wanted - ids.length;
    const size = Math.max(Math.ceil(budget / ways.length), Math.min(missing, steps[0] as number));
    const found = joined(await db.runOnce<WayRow>(`/* ${name} */ ${text}`, [...values, start, end, size, missing]), oldestFirst);
    ids.push(...found.ids);
    floor = found.floor;
    if (floor === null || ids.length >= wanted) break;
    looked += budget;
    start = floor;
    included = false;
  }
  return { ids, floor };
}

/** Where a part is full there may be more beyond its last row; what lies before all such rows is complete. */
function foundBy({ text, whole, parts }: Way, index: number, bounds: Bounds, budget: string, wanted: string): string {
  const way = `w${index}`;
  const ofPart = parts === undefined ? budget : `greatest(1, ${budget} / greatest(1, (${parts})))`;
  const [last, first] = bounds.direction === 'DESC' ? ['min', 'max'] : ['max', 'min'];
  const floor = whole
    ? 'NULL::text'
    : `(SELECT ${first}(p.last) FROM (SELECT ${last}(id::text) AS last, count(*) AS rows FROM ${way} WHERE part IS NOT NULL GROUP BY part) p WHERE p.rows >= ${ofPart})`;
  return `WITH ${way} AS MATERIALIZED (${text(bounds, ofPart)})
    SELECT ARRAY(SELECT id::text FROM ${way} WHERE hit ORDER BY id ${bounds.direction} LIMIT ${wanted}) AS ids, ${floor} AS floor, ${budget} AS budget`;
}

function joined(rows: WayRow[], oldestFirst: boolean): Walked {
  const inOrder = (texts: string[]) => (oldestFirst ? texts.sort() : texts.sort().reverse());
  // A way that has cut its own list off is complete only down to the end of it, which is beyond what is wanted.
  const floor = rows.some((row) => row.floor === null) ? null : (inOrder(rows.map((row) => row.floor as string)).at(-1) ?? null);
  const within = (id: string) => floor === null || (oldestFirst ? id <= floor : id >= floor);
  return { ids: inOrder([...new Set(rows.flatMap((row) => row.ids))].filter(within)), floor };
}
