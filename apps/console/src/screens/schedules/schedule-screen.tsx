import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import { ApiError, type ScheduleDetail, type ScheduleRun, type ScheduleTick } from '../../api/api';
import { useMay } from '../../api/rights';
import { JsonTree } from '../../parts/json-tree';
import { pauseWords } from '../../parts/note';
import { Card, Empty, ErrorNote, Facts, Hidden, Loading } from '../../parts/parts';
import { Screen } from '../../parts/screen';
import { Time } from '../../parts/time';
import { aboutClock, count, shortId, span, ZONE } from '../../words/words';
import { useToldSchedule } from './live';
import { scheduleQuery } from './queries';
import { RunsTable } from './runs-table';
import { ScheduleDeeds } from './schedule-deeds';
import { BecameOf, Strip } from './strip';
import { isInCode, MISSED, OVERLAPS, otherZone, specWords } from './words';
import './schedules.css';

const scheduleRoute = getRouteApi('/schedules/$id');

export function ScheduleScreen(): JSX.Element {
  const { id } = scheduleRoute.useParams();
  const { data, error, isPending, refetch } = useQuery(scheduleQuery(id));
  const away = useToldSchedule(id);
  const crumb = (
    <>
      <Link to="/schedules">Schedules</Link>
      <i>/</i>
      {id}
    </>
  );
  return (
    <Screen title={id} crumb={crumb}>
      {error instanceof ApiError && error.status === 404 ? (
        <section className="card">
          <Empty icon="schedules" title={`There is no schedule ${id}.`}>
            <p>It may have been deleted. Its jobs are kept as long as others.</p>
            <Link className="btn" to="/schedules">
              Show all schedules
            </Link>
          </Empty>
        </section>
      ) : (
        error && <ErrorNote error={error} retry={() => void refetch()} />
      )}
      {away && <p className="note wait">{away.message}</p>}
      {isPending && <Loading what="the schedule" />}
      {data && <Schedule schedule={data} />}
    </Screen>
  );
}

function Schedule({ schedule }: { schedule: ScheduleDetail }): JSX.Element {
  const { id, kind, spec, description, paused, pausedAt, failures, jitter, missed, missedWindow, overlap } = schedule;
  const { startsAt, endsAt, pauseAfterFailures, origin, updatedAt, nextRuns, ticks, options } = schedule;
  const mayPayload = useMay()('jobs:payload');
  const zone = otherZone(spec);
  return (
    <>
      <div className="row wrap top">
        <div className="grow schedule-name">
          <h1>{id}</h1>
          <p className="mid">{description === '' ? sentenceOf(schedule) : `${description}. ${sentenceOf(schedule)}`}</p>
        </div>
        <div className="row wrap acts-row">
          <ScheduleDeeds schedule={schedule} />
        </div>
      </div>
      {paused && (
        <p className="note wait">
          <span>
            Paused since <Time at={pausedAt} /> {pauseWords(schedule)}
          </span>
        </p>
      )}
      <section className="card pad" aria-label="Facts">
        <Facts
          facts={[
            ['Kind', <Link key="k" to="/jobs" search={{ kind }} children={kind} />],
            ['When', <span key="w" className={spec.cron === undefined ? undefined : 'mono'} children={specWords(spec)} />],
            spec.cron !== undefined && ['Zone', spec.timezone ?? 'UTC'],
            ['While its last job has not ended', wordsOf(OVERLAPS, overlap)],
            ['Ticks that were missed', `${wordsOf(MISSED, missed)}${missed === 'all' ? ` of ${span(missedWindow)}` : ''}`],
            jitter > 0 && ['Put off by', `up to ${span(jitter)}`],
            startsAt !== null && ['From', <Time key="f" at={startsAt} />],
            endsAt !== null && ['Until', <Time key="u" at={endsAt} />],
            pauseAfterFailures !== null && ['Pauses itself after', count(pauseAfterFailures, 'failure')],
            failures > 0 && ['Failures in a row', <b key="b" className="bad" children={String(failures)} />],
            [
              'Set',
              <span key="s" children={[isInCode(schedule) ? `in code (${origin.replace(/^code:/, '')}), ` : '', <Time key="t" at={updatedAt} relative />]} />,
            ],
            ['Jobs', <Link key="j" to="/jobs" search={{ tag: `schedule:${id}` }} children="all that it has made" />],
          ]}
        />
      </section>
      <div className="cols">
        <div>
          <Card title="Next ticks" note={`in ${ZONE}${paused ? ', as it would tick if it were resumed' : ''}`}>
            {nextRuns.length === 0 ? <p className="pad mid">None comes any more.</p> : <RunsTable runs={nextRuns} zone={zone} isPutOff={jitter > 0} />}
          </Card>
          <Ticks ticks={ticks} />
        </div>
        <div>
          <Card title="Payload of its jobs">{mayPayload ? <JsonTree name="payload" value={schedule.payload} /> : <Hidden what="the payload" />}</Card>
          {Object.keys(options).length > 0 && (
            <Card title="Options of its jobs">
              <JsonTree name="options" value={options} />
            </Card>
          )}
        </div>
      </div>
    </>
  );
}

function wordsOf<Value extends string>(values: readonly (readonly [Value, string])[], value: Value): string {
  return values.find(([one]) => one === value)?.[1] ?? value;
}

function sentenceOf({ kind, paused, nextRuns }: ScheduleDetail): string {
  const next: ScheduleRun | undefined = nextRuns[0];
  if (paused) return `It makes no jobs of ${kind} before it is resumed.`;
  return next
    ? `It makes its next job of ${kind} at ${aboutClock(new Date(next.dueAt))}, ${ZONE}.`
    : `No tick comes any more: it makes no more jobs of ${kind}.`;
}

function Ticks({ ticks }: { ticks: readonly ScheduleTick[] }): JSX.Element {
  return (
    <Card title="Last ticks" note={ticks.length === 0 ? '' : 'in the table the newest first'}>
      {ticks.length === 0 ? (
        <Empty icon="schedules" title="No tick yet.">
          <p>Here stands what became of each. Trigger makes a job now.</p>
        </Empty>
      ) : (
        <>
          <div className="strip-row">
            <Strip ticks={ticks} />
          </div>
          <table className="stack ticks">
            <thead>
              <tr>
                <th scope="col">Tick</th>
                <th scope="col">What became of it</th>
                <th scope="col">Job</th>
              </tr>
            </thead>
            <tbody>
              {ticks.map((tick) => (
                <tr key={`${tick.tick} ${tick.source} ${tick.at}`}>
                  <td>
                    <Time at={tick.tick} />
                  </td>
                  <td className="what">
                    <BecameOf tick={tick} />
                  </td>
                  <td>
                    {tick.jobId !== null && (
                      <Link className="mono" to="/jobs/$id" params={{ id: tick.jobId }} title={tick.jobId}>
                        {shortId(tick.jobId)}
                      </Link>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </Card>
  );
}
