import type { Backlogs } from '../room/backlogs.js';
import type { NewJob } from './submission-store.js';
import { isOfShape, type WakeUpSize } from './wake-ups.js';

/**
 * Marks the jobs of a batch that go to the waiting room; returns whether there are any. It is decided once, before the first try to store them, so that
 * a repeat after an answer that was lost stores the same. Of jobs that may share a message none waits where the first does not: the message goes out anyway.
 */
export function sendToRoom(jobs: NewJob[], backlogs: Pick<Backlogs, 'waits' | 'joined'> | undefined, size: WakeUpSize): boolean {
  let any = false;
  let message: { first: NewJob; left: number } | undefined;
  for (const job of jobs) {
    const { queue, kind } = job;
    if (job.limitKeys !== undefined) job.waits = any = true;
    else if (!backlogs) continue;
    else if (message && message.left > 0 && isOfShape(job, message.first)) {
      message.left--;
      backlogs.joined(queue);
    } else if (backlogs.waits(queue, kind)) job.waits = any = true;
    else if (jobs.length > 1) message = { first: job, left: size(kind) - 1 };
  }
  return any;
}
