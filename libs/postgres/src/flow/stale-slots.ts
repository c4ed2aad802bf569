import { type Database, statement } from '../pool/database.js';
import { withJobsLocked } from './change-queued.js';
import type { JobId } from '@app/core';

/** Younger ones may belong to a statement that is under way. */
const STALE_AFTER = `interval '30 seconds'`;

/** The job of the slot `s` neither waits for a worker nor runs, or it waits in the room for slots. */
const STALE = `s.taken_at < now() - ${STALE_AFTER} AND NOT EXISTS (
     SELECT FROM lh.jobs j WHERE j.id = s.job_id AND (j.state = 'running' OR (j.state = 'queued' AND NOT EXISTS (SELECT FROM lh.waiting_room w WHERE w.job_id = j.id)))
   )`;

const FIND_STALE_SLOTS = statement('flow:find-stale-slots', `SELECT DISTINCT s.job_id FROM lh.flow_slots s WHERE ${STALE} LIMIT 1000`);

/** With the rows of the jobs locked, so that none of them is claimed or moved meanwhile. */
const DELETE_STALE_SLOTS = statement(
  'flow:delete-stale-slots',
  `DELETE FROM lh.flow_slots s WHERE s.job_id = ANY ($1::uuid[]) AND ${STALE} RETURNING s.job_id`,
);

/**
 * Gives back slots that no job uses, and says how many there were. There should be none: whatever moves a job gives its slots back in the same statement
 * (`slotsFreedBy`), so each that is found is a fault, or was left by a person's own statement. Without this a limit would lose a place for ever.
 * Crash: nothing has happened, or all of it.
 */
export async function freeStaleSlots(db: Database): Promise<number> {
  const ids = (await db.run<{ job_id: JobId }>(FIND_STALE_SLOTS, [])).map((row) => row.job_id);
  if (ids.length === 0) return 0;
  return (await withJobsLocked(db, ids, (transaction) => db.run(DELETE_STALE_SLOTS, [ids], transaction))).length;
}
