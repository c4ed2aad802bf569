import { type JobId, type LimitsAt, type Limited, Refusal } from '@app/core';
import type { EntityManager } from 'typeorm';
import { slotsFreedBy, WAKE_UP_TYPE } from '../flow/slots.js';
import { type Database, statement } from '../pool/database.js';
import { textArray } from '../pool/text-array.js';
import { transact } from '../pool/transact.js';
import { comingBack, enteringRoom, placesLeftBy } from '../room/places.js';

/**
 * Gives jobs that wait another queue or another priority.
 *
 * Authority: the row of the job. What is to wake it up is made anew in the same transaction, by the row as it is then:
 * - a scheduled job's row of the outbox goes with it; where it cannot be had (it falls due at this moment) another is written beside it;
 * - a queued job gets a place in the waiting room, by its new queue and priority and by the time since which it waits, and loses the one that it had. So what a limit, a
 *   pause or a share says of that queue holds for it, and the order of its priority is kept. Slots of limits are given back: it takes its turn again;
 * - a queued job that has crashed a worker, and has no limits, gets a row of the outbox, for single-process mode keeps none of these in the room.
 *
 * What is under way already stays where it is. After a change of the priority such a message may start the job as before: at most what RabbitMQ holds of a
 * queue, about a quarter of a second of work. After a change of the queue it may not: the claim compares the queue of the message with that of the row, also
 * where it is delivered much later, and a row of the outbox whose queue is not its job's is not published. Of two copies the claim drops one, as ever.
 *
 * The keys of its limits are those of its new queue. The limits are read after the rows are locked: of two acts, this one and a change of limits, the
 * later one sees the other, for the change keys all jobs anew after it has waited for the transactions before it.
 *
 * What a crash leads to: everything of a page is one transaction, so before its commit nothing has happened, and after it the page is done. A repeat
 * finds the job where it is to be, and changes nothing.
 *
 * Locks: rows of jobs, in the order of their ids; then places, of which none is waited for. A job whose place somebody has locked is being released or claimed:
 * it is left alone, and found again by the next pass.
 */
export interface WaitingChange {
  toQueue?: string;
  toPriority?: number;
}

export const LOCK_WAITING = statement(
  'waiting:lock',
  `SELECT id, kind, queue, tags, limit_keys AS "limitKeys" FROM lh.jobs WHERE id = ANY ($1::uuid[]) AND state IN ('scheduled', 'queued') ORDER BY id FOR UPDATE`,
);

/** Those of these jobs whose place somebody else has locked; the other places are locked by this. */
export const PLACES_TAKEN = statement(
  'waiting:places-taken',
  `WITH had AS MATERIALIZED (SELECT job_id FROM lh.waiting_room WHERE job_id = ANY ($1::uuid[]) ORDER BY job_id FOR UPDATE SKIP LOCKED)
   SELECT job_id FROM lh.waiting_room WHERE job_id = ANY ($1::uuid[]) AND job_id NOT IN (SELECT job_id FROM had)`,
);

const DECLARED = statement('waiting:declared', 'SELECT name FROM lh.queues WHERE name = $1 AND deleted_at IS NULL');

/**
 * $1 and $2: the jobs, locked, each with the keys of its limits as the text of an array; $3: the queue or NULL, $4: the priority or NULL. `messaged_at`: a job that
 * was moved says nothing of the messages that were published before it, which `REPUBLISH_LOST` asks.
 */
export const CHANGE_WAITING = statement(
  'waiting:change',
  `WITH before AS MATERIALIZED (
     SELECT j.id, j.priority, i.keys FROM unnest($1::uuid[], $2::text[]) AS i (id, keys) JOIN lh.jobs j ON j.id = i.id
   ), changed AS (
     UPDATE lh.jobs j SET queue = coalesce($3::text, j.queue), priority = coalesce($4::integer, j.priority), limit_keys = b.keys::text[],
            messaged_at = CASE WHEN j.state = 'queued' THEN now() ELSE j.messaged_at END
     FROM before b WHERE j.id = b.id AND j.id = ANY ($1::uuid[]) AND j.state IN ('scheduled', 'queued')
     RETURNING j.id, j.state, j.queue, j.priority, j.limit_keys, j.run_at, j.crashes > 0 AS suspect, b.priority AS had_priority
   ), ${slotsFreedBy('changed')}, ${placesLeftBy('changed')}, waking AS MATERIALIZED (
     SELECT o.id, c.id AS job_id, c.queue, c.priority, c.limit_keys FROM changed c JOIN lh.outbox o
       ON o.priority = c.had_priority AND o.available_at = c.run_at AND o.type IN ('job', 'turn') AND o.job_ids = ARRAY[c.id]
     WHERE c.state = 'scheduled' FOR UPDATE OF o SKIP LOCKED
   ), woken_there AS (
     UPDATE lh.outbox o SET queue = w.queue, priority = w.priority, type = ${WAKE_UP_TYPE} FROM waking w WHERE o.id = w.id
   ), sent AS (
     INSERT INTO lh.outbox (id, type, job_ids, queue, priority, suspect, available_at)
     SELECT gen_random_uuid(), ${WAKE_UP_TYPE}, ARRAY[id], queue, priority, suspect, coalesce(run_at, now()) FROM changed
     WHERE CASE WHEN state = 'scheduled' THEN id NOT IN (SELECT job_id FROM waking) ELSE suspect AND limit_keys IS NULL END
   )
   SELECT id, state, state = 'queued' AND NOT (suspect AND limit_keys IS NULL) AS enters FROM changed`,
);

/** A statement of its own: the one before has taken the places that these jobs had. */
export const ENTER_WAITING = statement(
  'waiting:enter',
  enteringRoom(
    `SELECT ${comingBack('j', { since: 'j.queued_at', front: false })}
     FROM lh.jobs j WHERE j.id = ANY ($1::uuid[]) AND j.state = 'queued'`,
  ),
);

interface WaitingRow extends Limited {
  id: JobId;
  limitKeys: string[] | null;
}

/** Resolves with the jobs that it has changed. Rejects with a `Refusal` where the queue was deleted meanwhile; one that goes after that is kept while jobs are in it. */
export function changeWaiting(
  db: Database,
  ids: JobId[],
  { toQueue, toPriority }: WaitingChange,
  limits: { current(transaction: EntityManager): Promise<LimitsAt> },
): Promise<JobId[]> {
  return transact(db, async (transaction) => {
    const waiting = await db.run<WaitingRow>(LOCK_WAITING, [ids], transaction);
    if (toQueue !== undefined && (await db.run(DECLARED, [toQueue], transaction)).length === 0)
      throw new Refusal('unknown_queue', `the queue ${JSON.stringify(toQueue)} is not declared any more`);
    const taken = new Set((await db.run<{ job_id: JobId }>(PLACES_TAKEN, [waiting.map(({ id }) => id)], transaction)).map(({ job_id: id }) => id));
    const free = waiting.filter(({ id }) => !taken.has(id));
    if (free.length === 0) return [];
    const current = toQueue === undefined ? undefined : await limits.current(transaction);
    const keys = free.map(({ kind, tags, limitKeys }) => (toQueue !== undefined && current ? current.keysOf({ kind, queue: toQueue, tags }) : limitKeys));
    const values = [free.map(({ id }) => id), keys.map((each) => each && textArray(each)), toQueue ?? null, toPriority ?? null];
    const changed = await db.run<{ id: JobId; enters: boolean }>(CHANGE_WAITING, values, transaction);
    const entering = changed.flatMap(({ id, enters }) => (enters ? [id] : []));
    if (entering.length > 0) await db.run(ENTER_WAITING, [entering], transaction);
    return changed.map(({ id }) => id);
  });
}
