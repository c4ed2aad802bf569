import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import type { LimitView } from '../../api/api';
import { Card, Empty, Meter } from '../../parts/parts';
import { Time } from '../../parts/time';
import { aboutClock, count, NONE, number } from '../../words/words';
import { limitWords, matchWords } from './limits';

/** All limits: how many places are taken, and how many jobs wait for one. One is chosen by its name. */
export function LimitsCard({
  limits,
  chosen,
  onNew,
}: {
  limits: readonly LimitView[];
  chosen: string | undefined;
  onNew: (() => void) | undefined;
}): JSX.Element {
  if (limits.length === 0)
    return (
      <Card title="Limits">
        <Empty icon="queues" title="No limits.">
          <p>A limit says how many jobs of a kind, a queue or a tag run at once, or how many start in a time: such as five at once for each customer.</p>
          {onNew && (
            <button type="button" className="btn primary" onClick={onNew}>
              Set one…
            </button>
          )}
        </Empty>
      </Card>
    );
  return (
    <Card title="Limits" note={count(limits.length, 'limit')}>
      <div className="scroll">
        <table className="queues stack">
          <thead>
            <tr>
              <th scope="col">Limit</th>
              <th scope="col">For</th>
              <th scope="col">Allows</th>
              <th scope="col">Places taken</th>
              <th scope="col" className="num">
                Waiting for it
              </th>
              <th scope="col">
                <span className="unseen">What is to be known</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {limits.map((limit) => (
              <tr key={limit.name} className={limit.name === chosen ? 'sel' : undefined}>
                <td className="full">
                  <Link className="b" to="/queues" search={{ limit: limit.name }} aria-current={limit.name === chosen ? 'true' : undefined}>
                    {limit.name}
                  </Link>
                </td>
                <td data-l="for">{matchWords(limit.match)}</td>
                <td data-l="allows">{limitWords(limit)}</td>
                <td data-l="places taken">
                  <Places limit={limit} />
                </td>
                <td className="num" data-l="waiting for it">
                  {limit.parked === 0 ? NONE : number(limit.parked)}
                </td>
                <td className="full mid wraps">
                  <Notes limit={limit} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

/** With `per` each value has places of its own, so the sum has no whole. */
function Places({ limit: { held, capacity, per } }: { limit: LimitView }): JSX.Element {
  if (capacity === null || per !== null) return <>{number(held)}</>;
  return (
    <span className="row">
      <Meter share={held / capacity} />
      {number(held)} of {number(capacity)}
    </span>
  );
}

export function Notes({ limit: { override, draining, nextStartAt, origin, per } }: { limit: LimitView }): JSX.Element {
  const notes = [
    override && (
      <span key="o" className="badge plan">
        {number(override.concurrency)} at once until {aboutClock(new Date(override.until))}
      </span>
    ),
    draining > 0 && <span key="d">{number(draining)} too many, which run to their end</span>,
    nextStartAt !== null && per === null && (
      <span key="n">
        next start <Time at={nextStartAt} />
      </span>
    ),
    origin !== 'api' && <span key="c">in code ({origin.replace(/^code:/, '')})</span>,
  ].filter(Boolean);
  return <>{notes.length > 0 && <span className="row wrap">{notes}</span>}</>;
}
