import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import { api, ApiError, type LimitDetail, type LimitKeyView } from '../../api/api';
import { limitKey } from '../../live/stats';
import { Empty, ErrorNote, Loading } from '../../parts/parts';
import { Slots } from '../../parts/slots';
import { Time } from '../../parts/time';
import { count, NONE, number, sentence } from '../../words/words';
import { DeleteLimit, EndOverride, OverrideLimit } from './limit-deeds';
import { LimitForm } from './limit-form';
import { jobsOf, limitWords, matchWords } from './limits';
import { Notes } from './limits-card';

type Deed = 'override' | 'end' | 'change' | 'delete';

/** One limit: its places, its line, its busiest keys, and what can be done with it. The screen's stream keeps it new. */
export function LimitCard({ name, mayChange }: { name: string; mayChange: boolean }): JSX.Element {
  const {
    data: limit,
    error,
    isPending,
  } = useQuery({
    queryKey: limitKey(name),
    queryFn: ({ signal }) => api('GET /limits/{name}', { path: { name } }, signal),
    staleTime: Infinity,
  });
  if (error instanceof ApiError && error.status === 404)
    return (
      <section className="card">
        <Empty icon="queues" title={`There is no limit ${name}.`}>
          <Link className="btn" to="/queues" search={{}}>
            Show all limits
          </Link>
        </Empty>
      </section>
    );
  return (
    <section className="card" aria-label={`Limit ${name}`}>
      {error && <ErrorNote error={error} />}
      {isPending && <Loading what={`limit ${name}`} />}
      {limit && <Limit limit={limit} mayChange={mayChange} />}
    </section>
  );
}

function Limit({ limit, mayChange }: { limit: LimitDetail; mayChange: boolean }): JSX.Element {
  const [deed, setDeed] = useState<Deed | null>(null);
  const close = (): void => setDeed(null);
  const { name, match, per, keys, capacity, held, parked, override, origin, code, updatedAt } = limit;
  const jobs = jobsOf(match);
  return (
    <>
      <header className="limit-head">
        <h2 className="limit-name">{name}</h2>
        <span className="badge">{limitWords(limit)}</span>
        <Notes limit={limit} />
        <span className="grow" />
        <span className="small dim">
          for {matchWords(match)} · set <Time at={updatedAt} relative />
        </span>
      </header>
      {per === null && (
        <div className="places">
          <Slots held={held} capacity={capacity} what="Places taken" />
          <Line parked={parked} />
        </div>
      )}
      {per !== null &&
        (keys.length === 0 ? <p className="pad mid">No job has a place, and none waits.</p> : <Keys keys={keys} capacity={capacity} per={per} />)}
      <footer className="card-end">
        {jobs && (parked > 0 || held > 0) && (
          <Link className="btn" to="/jobs" search={{ ...jobs, state: parked > 0 ? 'queued' : 'running' }}>
            {parked > 0 ? 'Its jobs that wait' : 'Its jobs that run'}
          </Link>
        )}
        <span className="grow" />
        {mayChange && (
          <>
            {override && (
              <button type="button" className="btn" onClick={() => setDeed('end')}>
                End the override…
              </button>
            )}
            <button type="button" className="btn" onClick={() => setDeed('override')}>
              Override for a time…
            </button>
            <button type="button" className="btn" onClick={() => setDeed('change')}>
              Change…
            </button>
            {origin === 'api' && (
              <button type="button" className="btn risk" onClick={() => setDeed('delete')}>
                {code ? 'Back to the one in code…' : 'Delete…'}
              </button>
            )}
          </>
        )}
      </footer>
      {deed === 'override' && <OverrideLimit limit={limit} onClose={close} />}
      {deed === 'end' && <EndOverride limit={limit} onClose={close} />}
      {deed === 'change' && <LimitForm limit={limit} onClose={close} />}
      {deed === 'delete' && <DeleteLimit limit={limit} onClose={close} />}
    </>
  );
}

const MOST_DRAWN = 48;

/** Those that wait for a place, a stroke each. */
function Line({ parked }: { parked: number }): JSX.Element {
  if (parked === 0) return <p className="mid">No job waits for it.</p>;
  return (
    <div>
      <h3>Waiting for it, {count(parked, 'job')}</h3>
      <div className="dots" aria-hidden="true">
        {Array.from({ length: Math.min(parked, MOST_DRAWN) }, (_, index) => (
          <i key={index} />
        ))}
        {parked > MOST_DRAWN && <span className="small dim">and {number(parked - MOST_DRAWN)} more</span>}
      </div>
    </div>
  );
}

/** The API tells the busiest hundred. */
function Keys({ keys, capacity, per }: { keys: readonly LimitKeyView[]; capacity: number | null; per: string }): JSX.Element {
  return (
    <table className="queues stack">
      <thead>
        <tr>
          <th scope="col">{sentence(per.replace(/^tag:/, ''))}</th>
          <th scope="col">Places taken</th>
          <th scope="col" className="num">
            Waiting for it
          </th>
          <th scope="col" className="num">
            Next start
          </th>
        </tr>
      </thead>
      <tbody>
        {keys.map(({ key, held, parked, draining, nextStartAt }) => (
          <tr key={key}>
            <td className="full b">{valueOf(key, per)}</td>
            <td data-l="places taken">
              <Slots held={held} capacity={capacity} small />
              {draining > 0 && <span className="small dim"> {number(draining)} too many</span>}
            </td>
            <td className="num" data-l="waiting for it">
              {parked === 0 ? NONE : number(parked)}
            </td>
            <td className="num" data-l="next start">
              <Time at={nextStartAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** `acme` of `partner/tenant:acme`. Jobs without a value share one key. */
function valueOf(key: string, per: string): string {
  const [, value = ''] = /^[^/]*\/(.*)$/s.exec(key) ?? [];
  const prefix = `${per.replace(/^tag:/, '')}:`;
  return (value.startsWith(prefix) ? value.slice(prefix.length) : value) || 'none';
}
