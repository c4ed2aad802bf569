import { limitOn } from './limit-columns.js';

/**
 * Slots of limits, in the statements that move jobs.
 *
 * Authority: `flow_slots` has a row for each key of a job that may run, from its release to the statement that takes it out of `queued` or `running`,
 * or that puts it back. `jobs.limit_keys` says which keys those are; NULL, as for most jobs, costs one look at a column.
 * Each of those statements has {@link slotsFreedBy}: no crash can come between the end of an attempt and its slots. A statement that finds its job in
 * `queued` takes the row's lock in a statement before it, or the slots of a release that commits in between would be missed: see `changeQueued`.
 */

/**
 * A CTE `freed`: deletes the slots of each job of a CTE that has `id`, `state` and `limit_keys` of what it has changed, unless the job is running.
 * It returns them, so that a settlement can hand them on.
 */
export function slotsFreedBy(cte: string): string {
  return `freed AS (
     DELETE FROM lh.flow_slots s USING ${cte} c WHERE c.limit_keys IS NOT NULL AND c.state <> 'running' AND s.job_id = c.id RETURNING s.limit_key, s.job_id
   )`;
}

/**
 * The condition of a statement on queued jobs: of those with limits it changes none unless this parameter says that their rows are locked, see
 * `changeQueued`.
 */
export function unlimitedUnless(locked: string): string {
  return `(${locked}::boolean OR j.limit_keys IS NULL)`;
}

/** The type of a row of the outbox that brings a job back: one with limits has to take its turn first. Of a CTE or a table with `limit_keys`. */
export const WAKE_UP_TYPE = `CASE WHEN limit_keys IS NULL THEN 'job' ELSE 'turn' END`;

/** Whether the job of this alias has a slot of each of its keys whose limit exists, in `slots`. A key whose limit is gone is no limit. */
export function hasSlots(alias: string, slots = 'lh.flow_slots'): string {
  return `NOT EXISTS (
     SELECT FROM unnest(${alias}.limit_keys) AS k (limit_key) JOIN ${limitOn('k.limit_key')}
     WHERE NOT EXISTS (SELECT FROM ${slots} s WHERE s.limit_key = k.limit_key AND s.job_id = ${alias}.id)
   )`;
}

/**
 * A CTE: the unique keys of jobs that have begun, or have ended before, may be taken by others. Of a CTE with `id` and `unique_key`; `which`: those of
 * them, where some go on waiting.
 */
export function uniqueKeysFreedBy(cte: string, which = ''): string {
  const also = which === '' ? '' : ` AND ${which}`;
  return `unlocked AS (DELETE FROM lh.unique_jobs u USING ${cte} c WHERE c.unique_key IS NOT NULL AND u.unique_key = c.unique_key AND u.job_id = c.id${also})`;
}
