import type { JobFilter } from '@app/core';
import type { Database } from '../pool/database.js';
import { IN_STATE } from './read-jobs.js';
import { type Walked, type Way, walk } from './walk.js';

export interface WalkedFilter extends Pick<JobFilter, 'state' | 'kind' | 'queue' | 'tag' | 'cursor'> {
  /** Created before this time. */
  before?: Date;
  /** Of no kind that begins so. */
  notOwn?: string;
  /** That nobody has asked to stop. */
  notAsked?: true;
  /** Page after page to the end: a tag is looked for in the order of the pages, for a look at all of its jobs would be made for each. */
  allPages?: true;
}

const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
/** Jobs of a tag that are fetched and sorted: with more, the newest jobs are looked through for it. */
const FEW = 4_000;

/** A filter's conditions on `jobs`, and the values of their parameters. */
export function conditionsOf({ state, kind, queue, tag, before, notOwn, notAsked }: WalkedFilter, values: unknown[]): string[] {
  const where: string[] = [];
  const at = (value: unknown) => `$${values.push(value)}`;
  if (kind !== undefined) where.push(`kind = ${at(kind)}::text`);
  if (queue !== undefined) where.push(`queue = ${at(queue)}::text`);
  // The second half says that the index on tags, which has only jobs with some, may be used.
  if (tag !== undefined) where.push(`tags @> ARRAY[${at(tag)}::text] AND tags <> '{}'`);
  if (before !== undefined) where.push(`created_at < ${at(before)}::timestamptz`);
  if (notOwn !== undefined) where.push(`NOT starts_with(kind, ${at(notOwn)}::text)`);
  if (notAsked) where.push('NOT cancel_requested');
  if (state !== undefined) where.push(IN_STATE[state](`${at(state)}::text`));
  return where;
}

/** The newest jobs that fit, each look bounded: see `walk`. `wanted` ids at most; there may be fewer though `floor` says there is more. */
export async function walkJobs(reads: Database, filter: WalkedFilter, wanted: number): Promise<Walked> {
  const values: unknown[] = [];
  const hit = conditionsOf(filter, values).join(' AND ') || 'true';
  const cursor = `$${values.push(filter.cursor ?? LAST_ID)}::uuid`;
  // What is no cursor's own has no end: the last id of all belongs to the first page.
  const below = filter.cursor === undefined ? '<=' : '<';
  const rows = `SELECT id, coalesce(${hit}, false) AS hit, '' AS part FROM lh.jobs`;
  /** By an index over a column and the id, compared as pairs so that only this index has the order. */
  const by = (column: string, value: string, only = 'true'): Way => ({
    text: (budget) =>
      `${rows} WHERE ${only} AND (${column}, id) ${below} (${value}, ${cursor}) AND (${column}, id) >= (${value}, '${FIRST_ID}'::uuid) ORDER BY ${column} DESC, id DESC LIMIT ${budget}`,
  });
  const { state, kind, queue, tag } = filter;
  const ways: Way[] = [];
  if (state === 'running') return walk(reads, 'job:walk', [{ text: () => `${rows} WHERE id ${below} ${cursor} AND ${hit}`, whole: true }], values, wanted);
  if (tag !== undefined && !filter.allPages && (await tagged(reads, tag)) <= FEW) {
    const text = () => `${rows} WHERE tags @> ARRAY[$${values.indexOf(tag) + 1}::text] AND tags <> '{}' AND id ${below} ${cursor}`;
    return walk(reads, 'job:walk', [{ text, whole: true }], values, wanted);
  }
  const at = (value: unknown) => `$${values.push(value)}::text`;
  if (kind !== undefined) ways.push(by('kind', at(kind)));
  if (state === 'queued' || state === 'scheduled') ways.push(unfinished(state, queue === undefined ? undefined : at(queue), { hit, cursor, below }));
  else if (state !== undefined) ways.push(by('outcome', at(state), 'outcome IS NOT NULL'));
  if (ways.length === 0) ways.push({ text: (budget) => `${rows} WHERE id ${below} ${cursor} ORDER BY id DESC LIMIT ${budget}` });
  return walk(reads, 'job:walk', ways, values, wanted);
}

/** Queue by queue, for the indexes of what waits and what is scheduled are by queue. A queue with jobs that have not ended is in `queues`. */
function unfinished(state: 'queued' | 'scheduled', queue: string | undefined, { hit, cursor, below }: Record<'hit' | 'cursor' | 'below', string>): Way {
  const only = state === 'queued' ? 'finished_at IS NULL AND run_at IS NULL' : 'run_at IS NOT NULL';
  const queues = queue === undefined ? 'SELECT name FROM lh.queues' : `SELECT ${queue} AS name`;
  return {
    parts: queue === undefined ? 'SELECT count(*) FROM lh.queues' : '1',
    text: (budget) => `SELECT j.id, j.hit, q.name AS part FROM (${queues}) q CROSS JOIN LATERAL (
      SELECT id, coalesce(${hit}, false) AS hit FROM lh.jobs
      WHERE ${only} AND (queue, id) ${below} (q.name, ${cursor}) AND (queue, id) >= (q.name, '${FIRST_ID}'::uuid) ORDER BY queue DESC, id DESC LIMIT ${budget}) j`,
  };
}

/** About how many jobs have a tag, by the planner's statistics. */
async function tagged(reads: Database, tag: string): Promise<number> {
  const text = `/* job:tagged */ EXPLAIN (FORMAT JSON) SELECT FROM lh.jobs WHERE tags @> ARRAY[$1::text]`;
  const [row] = await reads.runOnce<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(text, [tag]);
  return row?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0;
}
