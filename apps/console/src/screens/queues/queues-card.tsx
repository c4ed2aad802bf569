import { Link } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import { api } from '../../api/api';
import { pauseWords } from '../../parts/note';
import { Meter } from '../../parts/parts';
import { Switch } from '../../parts/switch';
import { Time } from '../../parts/time';
import { count, duration, NONE, number } from '../../words/words';
import { FairDeed } from './fair-deed';
import { PauseDeed } from './pause-deed';
import { orderWords, type Queue, tellQueue } from './queues';

/** Each queue: what waits and for what, what runs, whether it takes jobs. */
export function QueuesCard({ queues, mayControl }: { queues: readonly Queue[]; mayControl: boolean }): JSX.Element {
  const [pausing, setPausing] = useState<string | null>(null);
  const [sharing, setSharing] = useState<string | null>(null);
  const deepest = Math.max(1, ...queues.map(({ queued }) => queued));
  const find = (name: string | null): Queue | undefined => queues.find((queue) => queue.name === name);
  const [toPause, toShare] = [find(pausing), find(sharing)];
  return (
    <section className="card" aria-label="Queues">
      <div className="scroll">
        <table className="queues stack">
          <thead>
            <tr>
              <th scope="col">Queue</th>
              <th scope="col" className="num">
                Waiting
              </th>
              <th scope="col">
                <span className="unseen">Share of the deepest</span>
              </th>
              <th scope="col" className="num">
                For a limit
              </th>
              <th scope="col">Running</th>
              <th scope="col" className="num">
                Oldest
              </th>
              <th scope="col" className="num">
                Workers
              </th>
              <th scope="col">Order</th>
              <th scope="col">Takes jobs</th>
              <th scope="col">
                <span className="unseen">Why it is paused</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {queues.map((queue) => (
              <Row key={queue.name} queue={queue} deepest={deepest} {...(mayControl && { onPause: setPausing, onShare: setSharing })} />
            ))}
          </tbody>
        </table>
      </div>
      {toPause && <PauseQueue queue={toPause} onClose={() => setPausing(null)} />}
      {toShare && <FairDeed queue={toShare} onClose={() => setSharing(null)} />}
    </section>
  );
}

interface RowProps {
  queue: Queue;
  deepest: number;
  onPause?: (name: string) => void;
  onShare?: (name: string) => void;
}

function Row({ queue, deepest, onPause, onShare }: RowProps): JSX.Element {
  const { name, queued, parked, running, slots, oldestAgeSeconds, consumers, fair, paused } = queue;
  return (
    <tr>
      <td className="head">
        <Link className="b" to="/jobs" search={{ queue: name }}>
          {name}
        </Link>
      </td>
      <td className="num" data-l="waiting">
        {number(queued)}
      </td>
      <td className="wide-only">
        <Meter share={queued / deepest} tone="wait" />
      </td>
      <td className="num" data-l="for a limit">
        {parked === 0 ? NONE : number(parked)}
      </td>
      <td data-l="running">
        <span className="row">
          {slots !== undefined && slots !== null && slots > 0 && <Meter share={running / slots} />}
          {slots === undefined || slots === null || slots === 0 ? number(running) : `${number(running)} of ${number(slots)}`}
        </span>
      </td>
      <td className="num" data-l="oldest">
        {oldestAgeSeconds === null ? NONE : duration(oldestAgeSeconds * 1_000)}
      </td>
      <td className="num" data-l="workers">
        {consumers === 0 && queued > 0 ? <b className="bad">none</b> : number(consumers)}
      </td>
      <td data-l="order">
        {onShare ? (
          <button type="button" className="link" onClick={() => onShare(name)} aria-label={`${orderWords(fair)}… Order of queue ${name}`}>
            {orderWords(fair)}…
          </button>
        ) : (
          orderWords(fair)
        )}
      </td>
      <td className="sw">
        <Switch on={!paused} label={`Queue ${name} takes jobs`} words={['runs', 'paused']} {...(onPause && { onPress: () => onPause(name) })} />
      </td>
      <td className="full mid wraps">
        {paused && (
          <>
            since <Time at={queue.pausedAt} /> {pauseWords(queue)}
          </>
        )}
      </td>
    </tr>
  );
}

function PauseQueue({ queue, onClose }: { queue: Queue; onClose: () => void }): JSX.Element {
  const { name, paused, queued, running, consumers } = queue;
  const waits = queued === 0 ? 'None waits now.' : `${count(queued, 'job')} ${queued === 1 ? 'waits' : 'wait'} now.`;
  return (
    <PauseDeed
      what="queue"
      name={name}
      paused={paused ? queue : null}
      pause={async (body) => tellQueue(await api('POST /queues/{name}/pause', { path: { name }, body }))}
      resume={async () => tellQueue(await api('POST /queues/{name}/resume', { path: { name } }))}
      onClose={onClose}
    >
      {paused
        ? `${waits} ${consumers === 0 ? 'No worker takes this queue: nothing starts before one does.' : `${count(consumers, 'worker')} ${consumers === 1 ? 'takes' : 'take'} it, and ${consumers === 1 ? 'begins' : 'begin'} at once, as slots are free.`}`
        : `Its jobs are accepted and kept; from a second on none starts before it is resumed. ${running === 0 ? 'None runs now.' : `The ${count(running, 'job')} that ${running === 1 ? 'runs goes' : 'run go'} on to the end.`} ${waits}`}
    </PauseDeed>
  );
}
