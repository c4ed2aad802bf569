import { Link } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import type { WorkerView } from '../../api/api';
import { Icon } from '../../parts/icon';
import { Facts } from '../../parts/parts';
import { Slots } from '../../parts/slots';
import { Time, useNow } from '../../parts/time';
import { bytes, count, duration, NONE, number, shortId } from '../../words/words';
import { AssignDeed } from './assign-deed';
import { queuesWords } from './assignment';
import { DrainDeed } from './drain-deed';
import { longestFirst, slotsOf } from './workers';

const SHOWN = 8;

interface CardProps {
  worker: WorkerView;
  /** All of them, for what the others take. */
  workers: readonly WorkerView[];
  mayAssign: boolean;
  /** False too for a gateway that runs jobs itself. */
  mayDrain: boolean;
}

/** One process: what it runs since when, how it is, and the ways to give it other queues and to let it end. */
export function WorkerCard({ worker, workers, mayAssign, mayDrain }: CardProps): JSX.Element {
  const [deed, setDeed] = useState<'assign' | 'drain' | null>(null);
  const { id, name, state, startedAt, concurrency, queues, version, node, memoryBytes, drain, abandoned } = worker;
  return (
    <section className="card worker" aria-label={`Worker ${name}`}>
      <header className="ruled">
        <h2 className="mono cut" title={name}>
          {name}
        </h2>
        <StateOf state={state} />
        <span className="small dim nowrap">worker {id}</span>
        <span className="grow" />
        <span className="row">
          {mayAssign && state === 'running' && worker.configuredQueues !== null && (
            <button type="button" className="btn tiny" onClick={() => setDeed('assign')}>
              Queues…
            </button>
          )}
          {mayDrain && state === 'running' && (
            <button type="button" className="btn tiny" onClick={() => setDeed('drain')}>
              Drain…
            </button>
          )}
        </span>
      </header>
      {drain && (
        <p className="note wait">
          <span>
            It was asked to end at <Time at={drain.requestedAt} />
            {drain.by !== null && ` by ${drain.by}`}
            {drain.reason !== null && `: “${drain.reason}”`}. It takes nothing new, and ends when its jobs have.
          </span>
        </p>
      )}
      <Assigned worker={worker} />
      {abandoned.map(({ jobId, kind, since }) => (
        <p key={jobId} className="note bad">
          <Icon name="warn" />
          <span>
            It still computes for job <JobLink id={jobId} /> of {kind}, which was given up at <Time at={since} />. Only its end stops that.
          </span>
        </p>
      ))}
      <div className="pad">
        <Facts
          facts={[
            ['Started', <Time key="s" at={startedAt} relative />],
            ['Lease', <Lease key="l" until={worker.leaseUntil} />],
            ['Memory', memoryBytes === null ? NONE : bytes(memoryBytes)],
            ['Version', `${version ?? NONE}${node === null ? '' : `, Node ${node}`}`],
            ['Queues', queuesWords(queues)],
            ['Slots', `${number(concurrency)} of each queue`],
          ]}
        />
      </div>
      <Running worker={worker} />
      <Kinds kinds={worker.kinds} />
      {deed === 'assign' && <AssignDeed worker={worker} workers={workers} onClose={() => setDeed(null)} />}
      {deed === 'drain' && <DrainDeed worker={worker} onClose={() => setDeed(null)} />}
    </section>
  );
}

/** What it was assigned from afar, by whom and why, and how long that lasts. */
function Assigned({ worker: { assigned, configuredQueues, queues } }: { worker: WorkerView }): JSX.Element | null {
  if (!assigned) return null;
  const isRead = assigned.queues.length === queues.length && assigned.queues.every((queue) => queues.includes(queue));
  return (
    <p className="note">
      <span>
        It was assigned {queuesWords(assigned.queues)} at <Time at={assigned.requestedAt} />
        {assigned.by !== null && ` by ${assigned.by}`}
        {assigned.reason !== null && `: “${assigned.reason}”`}. {!isRead && 'It has not read that yet. '}
        {configuredQueues !== null && `When its process ends, one that starts anew takes from ${queuesWords(configuredQueues)} again.`}
      </span>
    </p>
  );
}

function StateOf({ state }: Pick<WorkerView, 'state'>): JSX.Element {
  if (state === 'running') return <span className="badge run">runs</span>;
  return state === 'draining' ? (
    <span className="badge wait">draining</span>
  ) : (
    <span className="badge bad">
      <Icon name="warn" />
      late
    </span>
  );
}

/** Renewed each second: when it is over, the worker's jobs are taken over. */
function Lease({ until }: { until: string }): JSX.Element {
  const left = Date.parse(until) - useNow();
  if (left <= 0) return <b className="bad">over since {duration(Math.round(-left / 1_000) * 1_000)}</b>;
  return <span title={until}>{duration(Math.max(1, Math.round(left / 1_000)) * 1_000)} left</span>;
}

function Running({ worker }: { worker: WorkerView }): JSX.Element {
  const [isAll, setAll] = useState(false);
  const { running, runningCount, concurrency } = worker;
  const slots = slotsOf(worker);
  const jobs = longestFirst(running);
  return (
    <>
      {slots.length > 0 && (
        <dl className="worker-slots">
          {slots.map(({ queue, running: held }) => (
            <div key={queue}>
              <dt>
                <Link to="/jobs" search={{ queue, state: 'running' }}>
                  {queue}
                </Link>
              </dt>
              <dd>
                <Slots held={held} capacity={concurrency} small />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {jobs.length === 0 ? (
        <p className="pad mid">It runs no job now.</p>
      ) : (
        <table className="stack worker-jobs">
          <thead>
            <tr>
              <th scope="col">Kind</th>
              <th scope="col">Job</th>
              <th scope="col">Queue</th>
              <th scope="col" className="num">
                Attempt
              </th>
              <th scope="col" className="num">
                Began
              </th>
            </tr>
          </thead>
          <tbody>
            {jobs.slice(0, isAll ? undefined : SHOWN).map((job) => (
              <tr key={job.id}>
                <td className="full b">{job.kind}</td>
                <td data-l="job">
                  <JobLink id={job.id} />
                </td>
                <td data-l="queue">{job.queue}</td>
                <td className="num" data-l="attempt">
                  {job.attempt}
                </td>
                <td className="num" data-l="began">
                  <Time at={job.startedAt} relative />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {jobs.length > SHOWN && !isAll && (
        <p className="pad">
          <button type="button" className="btn tiny" onClick={() => setAll(true)}>
            Show {number(jobs.length - SHOWN)} more
          </button>
        </p>
      )}
      {runningCount > running.length && <p className="pad small dim">and {number(runningCount - running.length)} that began later</p>}
    </>
  );
}

function JobLink({ id }: { id: string }): JSX.Element {
  return (
    <Link to="/jobs/$id" params={{ id }} className="mono" title={id}>
      {shortId(id)}
    </Link>
  );
}

function Kinds({ kinds }: { kinds: readonly string[] }): JSX.Element {
  return (
    <details className="worker-kinds">
      <summary>It knows {count(kinds.length, 'kind')}</summary>
      <ul className="row wrap">
        {kinds.map((kind) => (
          <li key={kind}>
            <Link className="tag" to="/jobs" search={{ kind }}>
              {kind}
            </Link>
          </li>
        ))}
      </ul>
    </details>
  );
}
