import type { JSX } from 'react';
import type { JobView } from '../../api/api';
import { writeExact } from '../../api/api';
import { Meter } from '../../parts/parts';
import { aboutClock, clock, NONE, number } from '../../words/words';

const LONGEST = 300;

/** What a job has to say for itself, what went wrong first: the column that is cut at its end. */
export function Says({ job }: { job: JobView }): JSX.Element {
  const { progress } = job;
  if (job.state === 'running' && progress) {
    const share = progress.total === undefined || progress.total === 0 ? undefined : progress.done / progress.total;
    return (
      <span className="row">
        {share !== undefined && <Meter share={share} />}
        <b>{share === undefined ? number(progress.done) : `${String(Math.floor(share * 100))} %`}</b>
        <span className="cut">{progress.message ?? (progress.estimatedEnd === undefined ? '' : `ends about ${clock(new Date(progress.estimatedEnd))}`)}</span>
      </span>
    );
  }
  return <>{says(job)}</>;
}

export function says(job: JobView): string {
  switch (job.state) {
    case 'running':
      return job.cancelRequested ? 'asked to stop' : NONE;
    case 'queued':
      return job.error ? `again in queue ${job.queue}, after ${job.error.message}` : `waits in queue ${job.queue}`;
    case 'scheduled': {
      const when = job.runAt === null ? 'later' : `at ${aboutClock(new Date(job.runAt))}`;
      return job.error
        ? `attempt ${String(job.attempt + 1)} ${when}, after ${job.error.message}`
        : `starts ${when}${job.schedule ? `, by schedule ${job.schedule.id}` : ''}`;
    }
    case 'failed':
      return job.error?.message ?? NONE;
    case 'cancelled':
      return job.attempt === 0 ? 'cancelled before it began' : 'cancelled';
    case 'succeeded':
      return job.resultOmitted ? 'a result too large for a list' : job.result === null ? NONE : writeExact(job.result).slice(0, LONGEST);
  }
}
