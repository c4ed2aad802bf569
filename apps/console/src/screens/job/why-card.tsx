import { Link } from '@tanstack/react-router';
import type { JSX, ReactNode } from 'react';
import type { WhyView } from '../../api/api';
import { Icon } from '../../parts/icon';
import { Slots } from '../../parts/slots';
import { useNow } from '../../parts/time';
import { type Reason, restsOn, sentenceOf } from '../../words/why';
import { aboutClock, count, duration, exact, number, shortId } from '../../words/words';
import './why-card.css';

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
                {why.confidence !== null && restsOn(why.confidence)}
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

function noteOf(reason: Reason): ReactNode {
  switch (reason.code) {
    case 'paused':
      return <p>{reason.reason === null ? '' : `“${reason.reason}” `}Jobs are accepted and kept; none starts before it is resumed.</p>;
    case 'no_worker':
      return (
        <p>
          {reason.workers === 0 ? (
            <>
              Give the queue to <Link to="/workers">one of the workers</Link>, or start one with WORKER_QUEUES={reason.queue}.
            </>
          ) : (
            'Give a worker more slots (WORKER_CONCURRENCY), or the kind a smaller weight.'
          )}
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
