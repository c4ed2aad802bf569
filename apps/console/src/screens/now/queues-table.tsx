import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import type { StatsView } from '../../api/api';
import { Icon } from '../../parts/icon';
import { Card, Meter } from '../../parts/parts';
import { ago, count, duration, NONE, number } from '../../words/words';

type Queue = StatsView['queues'][number];

/** Each queue: what waits, what flows, and how it goes on at the rates of the last minute. */
export function QueuesTable({ stats }: { stats: StatsView }): JSX.Element {
  const { queues, queueCount, workers } = stats;
  const deepest = Math.max(1, ...queues.map(({ queued }) => queued));
  return (
    <Card title="Queues" note={`${count(queueCount, 'queue')}, ${count(workers.live, 'worker')}`}>
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
                Oldest
              </th>
              <th scope="col" className="num">
                Wait p95
              </th>
              <th scope="col">Running</th>
              <th scope="col" className="num">
                In / min
              </th>
              <th scope="col" className="num">
                Out / min
              </th>
              <th scope="col">Outlook</th>
              <th scope="col" className="num">
                Workers
              </th>
            </tr>
          </thead>
          <tbody>
            {queues.map((queue) => (
              <tr key={queue.name}>
                <td className="full">
                  <Link className="b" to="/jobs" search={{ queue: queue.name }}>
                    {queue.name}
                  </Link>
                </td>
                <td className="num" data-l="waiting">
                  {number(queue.queued)}
                </td>
                <td className="wide-only">
                  <Meter share={queue.queued / deepest} tone="wait" />
                </td>
                <td className="num" data-l="oldest">
                  {seconds(queue.oldestAgeSeconds)}
                </td>
                <td className="num" data-l="wait p95">
                  {seconds(queue.wait.p95Seconds)}
                </td>
                <td data-l="running">
                  <span className="row">
                    {queue.slots !== null && queue.slots > 0 && <Meter share={queue.running / queue.slots} />}
                    {queue.slots === null ? number(queue.running) : `${number(queue.running)} of ${number(queue.slots)}`}
                  </span>
                </td>
                <td className="num" data-l="in a minute">
                  {number(queue.lastMinute.accepted)}
                </td>
                <td className="num" data-l="out">
                  {number(out(queue))}
                </td>
                <td className="full">
                  <Outlook queue={queue} />
                </td>
                <td className="num" data-l="workers">
                  {number(queue.consumers)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function seconds(value: number | null): string {
  return value === null ? NONE : duration(value * 1_000);
}

function out({ lastMinute: { succeeded, failed, cancelled } }: Queue): number {
  return succeeded + failed + cancelled;
}

/** By the last minute: no promise. */
function Outlook({ queue }: { queue: Queue }): JSX.Element {
  const gain = queue.lastMinute.accepted - out(queue);
  if (queue.paused)
    return (
      <span className="badge wait">
        paused{queue.pausedBy === null ? '' : ` by ${queue.pausedBy}`}
        {queue.pausedAt === null ? '' : `, ${ago(new Date(queue.pausedAt))}`}
      </span>
    );
  if (queue.queued === 0) return <span className="dim">is empty</span>;
  if (queue.consumers === 0) return <b className="bad">no worker takes it</b>;
  // Less than ten seconds' work is no line.
  if (queue.queued <= out(queue) / 6) return <span className="mid">keeps up</span>;
  if (gain > 0)
    return (
      <span className="row wait b">
        <Icon name="up" /> grows by {number(gain)} a minute
      </span>
    );
  if (gain < 0)
    return (
      <span className="row">
        <Icon name="down" className="i ok" /> empty in about {duration((queue.queued / -gain) * 60_000)}
      </span>
    );
  return <span className="mid">stays as it is</span>;
}
