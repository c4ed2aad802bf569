import { slotsFreedBy, unlimitedUnless } from '../flow/slots.js';
import { comingBack, enteringRoom } from '../room/places.js';
import { statement } from '../pool/database.js';

/**
 * Jobs that must not be started now, because their queue or kind is paused: those that are queued get a place in the waiting room, before all others
 * of their queue and priority, for they have waited already. Those that have a place keep it. $2: the rows are locked. What is not queued is left alone and not returned.
 */
export const HOLD_BACK = statement(
  'job:hold-back',
  `WITH held AS (
     UPDATE lh.jobs j SET messaged_at = now() WHERE j.id = ANY ($1::uuid[]) AND j.state = 'queued' AND ${unlimitedUnless('$2')}
     RETURNING j.id, j.state, j.kind, j.queue, j.priority, j.flow_key, j.tags, j.limit_keys, j.start_before, j.crashes
   ), ${slotsFreedBy('held')}, placed AS (${enteringRoom(`SELECT ${comingBack('h')} FROM held h`)})
   SELECT id FROM held`,
);
