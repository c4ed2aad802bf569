import type { WhyView } from '../api/api';
import { clock, count, number } from './words';

/** What keeps a job from running. */
export type Reason = WhyView['reasons'][number];

/** What an estimate rests on, behind it: `, by the rate of the last 60 s`. */
export function restsOn(confidence: string): string {
  return confidence.startsWith('nothing ') ? `, as ${confidence}` : `, by ${confidence}`;
}

/** One sentence for each cause. */
export function sentenceOf(reason: Reason): string {
  switch (reason.code) {
    case 'paused':
      return `${reason.what === 'queue' ? 'Queue' : 'Kind'} ${reason.name} is paused${reason.by === null ? '' : ` by ${reason.by}`} since ${clock(new Date(reason.since))}.`;
    case 'scheduled':
      return reason.by === 'backoff'
        ? `Attempt ${String(reason.attempt)} begins at ${clock(new Date(reason.until))}: the one before has failed.`
        : reason.by === 'snooze'
          ? `Its handler has put it off until ${clock(new Date(reason.until))}.`
          : reason.by === 'unknown_kind'
            ? `The worker that got it does not know its kind. It is tried again at ${clock(new Date(reason.until))}.`
            : `It waits for its time, ${clock(new Date(reason.until))}.`;
    case 'no_worker':
      return reason.workers === 0
        ? `No worker takes queue ${reason.queue}.`
        : `It needs ${count(reason.needsSlots, 'slot')} of one worker, and the largest of queue ${reason.queue} has ${reason.largestWorker === null ? 'none' : number(reason.largestWorker)}.`;
    case 'broker_away':
      return reason.broker === 'down'
        ? 'RabbitMQ cannot be reached. The job is kept, and starts when it is back.'
        : 'RabbitMQ takes no messages now. The job is kept, and starts when it does.';
    case 'limit':
      return `Limit ${reason.limit}: ${number(reason.held)} of ${number(reason.capacity)} run, and ${ahead(reason)} before this one.`;
    case 'rate':
      return `Limit ${reason.limit} allows the next start at ${clock(new Date(reason.nextAt))}, and ${ahead(reason)} before this one.`;
    case 'behind':
      return `${ahead(reason, true)} before this one in queue ${reason.queue}.`;
    case 'published':
      return reason.confirmed ? 'It is with RabbitMQ: the next worker with a free slot gets it.' : 'It is on its way to RabbitMQ.';
    case 'running':
      return `It runs${reason.worker === null ? '' : ` on ${reason.worker}`} since ${clock(new Date(reason.since))}.`;
  }
}

function ahead({ ahead: jobs, aheadIsExact }: { ahead: number; aheadIsExact: boolean }, begins = false): string {
  if (jobs === 0) return begins ? 'No job is' : 'none is';
  const words = `${count(jobs, 'job')} ${jobs === 1 ? 'is' : 'are'}`;
  return aheadIsExact ? words : `${begins ? 'About' : 'about'} ${words}`;
}
