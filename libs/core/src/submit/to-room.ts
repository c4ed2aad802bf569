import type { Backlogs } from '../room/backlogs.js';
import type { NewJob } from './submission-store.js';

/**
 * Marks the jobs of a batch that go to the waiting room; returns whether there are any. It is decided once, before the first try to store them, so that
 * a repeat after an answer that was lost stores the same.
 */
export function sendToRoom(jobs: NewJob[], backlogs: Pick<Backlogs, 'waits'> | undefined): boolean {
  let any = false;
  for (const job of jobs) {
    if (job.limitKeys !== undefined || backlogs?.waits(job.queue, job.kind)) job.waits = any = true;
  }
  return any;
}
