import { Link } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import type { WorkerView } from '../../api/api';
import { Icon } from '../../parts/icon';
import { Facts } from '../../parts/parts';
import { Slots } from '../../parts/slots';
import { Time, useNow } from '../../parts/time';
import { bytes, count, duration, NONE, number, shortId } from '../../words/words';
import { DrainDeed } from './drain-deed';
import { longestFirst, slotsOf } from './workers';

const SHOWN = 8;

/** One process: what it runs since when, how it is, and the way to let it end. `mayDrain` is false too for a gateway that runs jobs itself. */
export function WorkerCard({ worker, mayDrain }: { worker: WorkerView; mayDrain: boolean }): JSX.Element {
  const [isDraining, setDraining] = useState(false);
  const { id, name, state, startedAt, concurrency, queues, version, node, memoryBytes, drain, abandoned } = worker;
  return (
    <section className="card worker" aria-label={`Worker ${name}`}>
      <header className="ruled">
        <h2 className="mono cut" title={name}>
          {name}
        </h2>
        <StateOf state={state} />
        <span className="grow" />
        <span className="small dim nowrap">worker {id}</span>
        {mayDrain && state === 'running' && (
          <button type="button" className="btn tiny" onClick={() => setDraining(true)}>
            Drain…
          </button>
        )}
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
            ['Queues', queues.length === 0 ? 'all' : queues.join(', ')],
            ['Slots', `${number(concurrency)} of each queue`],
          ]}
        />
      </div>
      <Running worker={worker} />
      <Kinds kinds={worker.kinds} />
      {isDraining && <DrainDeed worker={worker} onClose={() => setDraining(false)} />}
    </section>
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
