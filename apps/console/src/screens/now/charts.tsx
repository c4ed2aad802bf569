import { type JSX, useMemo } from 'react';
import type { StatsHistory, StatsView } from '../../api/api';
import { Chart, type Series } from '../../parts/chart';
import { duration, number } from '../../words/words';

const DEEPEST = 4;
const STYLES: readonly Pick<Series, 'tone' | 'dash'>[] = [
  { tone: 'run' },
  { tone: 'wait', dash: [8, 4] },
  { tone: 'plan', dash: [3, 3] },
  { tone: 'off', dash: [12, 4, 3, 4] },
];

/** What ended, how long jobs waited, how many wait. Nothing is drawn that was not counted. */
export function Charts({ history, stats }: { history: StatsHistory; stats: StatsView }): JSX.Element {
  const { stepSeconds, queues } = history;
  // The newest steps grow for some seconds yet: they would look like a fall.
  const points = useMemo(
    () => history.points.filter(({ at }) => Date.parse(at) + history.stepSeconds * 1_000 <= Date.parse(stats.until)),
    [history, stats.until],
  );
  const times = useMemo(() => points.map(({ at }) => Date.parse(at) / 1_000), [points]);
  const ended = useMemo<Series[]>(() => {
    const perSecond = (of: (point: StatsHistory['points'][number]) => number): number[] => points.map((point) => of(point) / stepSeconds);
    return [
      { name: 'succeeded', tone: 'ok', values: perSecond(({ succeeded }) => succeeded) },
      { name: 'failed', tone: 'bad', dash: [6, 3], values: perSecond(({ failed }) => failed) },
    ];
  }, [points, stepSeconds]);
  const waited = useMemo<Series[]>(
    () => [
      { name: 'p95', tone: 'run', values: points.map(({ wait }) => wait.p95Seconds) },
      { name: 'p50', tone: 'run', dash: [4, 3], values: points.map(({ wait }) => wait.p50Seconds) },
    ],
    [points],
  );
  const waiting = useMemo<Series[]>(
    () =>
      [...queues]
        .sort((one, other) => (other.points.at(-1)?.queued ?? 0) - (one.points.at(-1)?.queued ?? 0))
        .slice(0, DEEPEST)
        .map(({ name, points: depths }, index) => {
          const byTime = new Map(depths.map(({ at, queued }) => [Date.parse(at) / 1_000, queued]));
          // A step in which a queue had no job is not told.
          return { name, tone: 'run' as const, ...STYLES[index], values: times.map((time) => byTime.get(time) ?? 0) };
        }),
    [queues, times],
  );
  const { lastMinute, wait, jobs } = stats;
  const rate = (lastMinute.succeeded + lastMinute.failed + lastMinute.cancelled) / 60;
  return (
    <>
      <Chart
        title="Jobs ended"
        note={`a second, by ${stepWords(stepSeconds)}`}
        now={{ value: number(rate), unit: 'jobs/s in the last minute' }}
        times={times}
        series={ended}
        format={number}
        sentence={`Jobs ended a second: ${number(rate)} in the last minute, of which ${number(lastMinute.failed / 60)} failed.`}
      />
      <Chart
        title="Wait before the start"
        note="all queues"
        now={{ value: wait.p95Seconds === null ? '–' : duration(wait.p95Seconds * 1_000), unit: 'at p95' }}
        times={times}
        series={waited}
        format={(seconds) => duration(seconds * 1_000)}
        sentence={`Half of the jobs of the last minute began within ${wait.p50Seconds === null ? 'no time that was measured' : duration(wait.p50Seconds * 1_000)}.`}
      />
      <Chart
        title="Waiting, by queue"
        note={queues.length > DEEPEST ? 'the four deepest' : 'at each time'}
        now={{ value: number(jobs.queued), unit: jobs.queued === 1 ? 'job' : 'jobs' }}
        times={times}
        series={waiting}
        format={number}
        sentence={`${number(jobs.queued)} jobs wait now.`}
      />
    </>
  );
}

function stepWords(seconds: number): string {
  return seconds < 60 ? `${String(seconds)} s` : `${String(seconds / 60)} min`;
}
