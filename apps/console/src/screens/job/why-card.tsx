import { Link } from '@tanstack/react-router';
import type { JSX, ReactNode } from 'react';
import type { WhyView } from '../../api/api';
import { Icon } from '../../parts/icon';
import { Slots } from '../../parts/slots';
import { useNow } from '../../parts/time';
import { aboutClock, clock, count, duration, exact, number, shortId } from '../../words/words';
import './why-card.css';

type Reason = WhyView['reasons'][number];

/** Why a job is not running: who or what holds it, its place in the line, when it starts. */
export function WhyCard({ why }: { why: WhyView }): JSX.Element | null {
  const now = useNow();
  const [first, ...others] = why.reasons;
  if (!first || first.code === 'running') return null;
  const start = why.estimatedStart === null ? null : new Date(why.estimatedStart);
  const line = lineOf(first);
  return (
    <section className="card whycard" aria-label="Why it is not running">
      <div className="why">
        <div>
          <h3>Why it is not running</h3>
          <h2>{sentenceOf(first)}</h2>
          {noteOf(first)}
          {others.length > 0 && <p>Also: {others.map((reason) => sentenceOf(reason)).join(' ')}</p>}
        </div>
        <div className="eta">
          {start ? (
            <>
              <span className="small dim">Starts about</span>
              <b title={exact(start)}>{aboutClock(start)}</b>
              <span className="small mid">
                in {duration(Math.max(0, start.getTime() - now))}
                {why.confidence !== null && <>, by {why.confidence}</>}
              </span>
            </>
          ) : (
            <span className="small mid">Nothing can be said of when it starts.</span>
          )}
        </div>
      </div>
      {line && <Line {...line} />}
    </section>
  );
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

function noteOf(reason: Reason): ReactNode {
  switch (reason.code) {
    case 'paused':
      return <p>{reason.reason === null ? '' : `“${reason.reason}” `}Jobs are accepted and kept; none starts before it is resumed.</p>;
    case 'no_worker':
      return (
        <p>
          {reason.workers === 0
            ? `Start a worker that takes it, such as with WORKER_QUEUES=${reason.queue}.`
            : 'Give a worker more slots (WORKER_CONCURRENCY), or the kind a smaller weight.'}
        </p>
      );
    case 'limit':
      return (
        <p>
          Held by{' '}
          {reason.holders.map((id, index) => (
            <span key={id}>
              {index > 0 && ', '}
              <Link to="/jobs/$id" params={{ id }} className="mono">
                {shortId(id)}
              </Link>
            </span>
          ))}
          {reason.held > reason.holders.length && ` and ${number(reason.held - reason.holders.length)} more`}.{' '}
          <Link to="/queues" search={{ limit: reason.limit.split('/')[0] ?? '' }}>
            See the limit
          </Link>
        </p>
      );
    default:
      return null;
  }
}

/** What can be drawn as a line: those that hold the places, and those before this job. */
function lineOf(reason: Reason): { held?: number; capacity?: number; ahead: number } | null {
  if (reason.code === 'limit') return { held: reason.held, capacity: reason.capacity, ahead: reason.ahead };
  if (reason.code === 'rate' || reason.code === 'behind') return { ahead: reason.ahead };
  return null;
}

const MOST_DRAWN = 48;

function Line({ held, capacity, ahead: before }: { held?: number; capacity?: number; ahead: number }): JSX.Element {
  const drawn = Math.min(before, MOST_DRAWN);
  return (
    <div className="queueline">
      {held !== undefined && capacity !== undefined && <Slots held={held} capacity={capacity} what="Taken" />}
      <div>
        <h3>The line, {count(before + 1, 'job')}</h3>
        <div className="dots" aria-hidden="true">
          {before > drawn && <span className="small dim">{number(before - drawn)} and</span>}
          {Array.from({ length: drawn }, (_, index) => (
            <i key={index} />
          ))}
          <i className="me">
            <Icon name="left" /> this job
          </i>
        </div>
      </div>
    </div>
  );
}
