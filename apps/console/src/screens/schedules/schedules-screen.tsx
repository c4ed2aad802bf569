import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import { api, type ScheduleView } from '../../api/api';
import { useMay } from '../../api/rights';
import { Icon } from '../../parts/icon';
import { pauseWords } from '../../parts/note';
import { Choice, Empty, ErrorNote, Loading } from '../../parts/parts';
import { Screen } from '../../parts/screen';
import { Time } from '../../parts/time';
import { count, NONE, ZONE } from '../../words/words';
import { listKey, MOST_TOLD, ticksKey, useToldSchedules } from './live';
import { ScheduleForm } from './schedule-form';
import { Strip } from './strip';
import { PAGE } from './told';
import { clockIn, isInCode, otherZone, specWords } from './words';
import './schedules.css';

const schedulesRoute = getRouteApi('/schedules');

export function SchedulesScreen(): JSX.Element {
  const filters = schedulesRoute.useSearch();
  const navigate = useNavigate();
  const may = useMay();
  const [isMaking, setMaking] = useState(false);
  const list = useInfiniteQuery({
    queryKey: listKey(filters),
    queryFn: ({ signal, pageParam }) => api('GET /schedules', { query: { ...filters, limit: PAGE, ...(pageParam !== null && { cursor: pageParam }) } }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    staleTime: Infinity,
  });
  const away = useToldSchedules(filters, list.data?.pages.length ?? 1);
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const isFiltered = filters.kind !== undefined || filters.paused !== undefined;
  const onNew = may('schedules:write') ? () => setMaking(true) : undefined;
  return (
    <Screen title="Schedules">
      <div className="row wrap titled">
        <h1 className="grow">{list.data && !isFiltered ? sentenceOf(items, list.hasNextPage) : 'Schedules'}</h1>
        <Choice
          label="Shown"
          value={filters.paused ?? 'all'}
          values={[
            ['all', 'All'],
            ['false', 'Active'],
            ['true', 'Paused'],
          ]}
          onChange={(paused) =>
            void navigate({ to: '/schedules', search: { ...(filters.kind !== undefined && { kind: filters.kind }), ...(paused !== 'all' && { paused }) } })
          }
        />
        {onNew && (
          <button type="button" className="btn" onClick={onNew}>
            <Icon name="plus" />
            Schedule…
          </button>
        )}
      </div>
      {list.error && <ErrorNote error={list.error} retry={() => void list.refetch()} />}
      {away && <p className="note wait">{away.message}</p>}
      {list.isPending && <Loading what="schedules" />}
      {list.data && items.length === 0 && (
        <section className="card">
          {isFiltered ? (
            <Empty icon="schedules" title="No schedule fits.">
              <Link className="btn" to="/schedules" search={{}}>
                Show all schedules
              </Link>
            </Empty>
          ) : (
            <Empty icon="schedules" title="No schedules yet.">
              <p>A schedule makes a job at each of its ticks: by cron with a time zone, at intervals, or once.</p>
              {onNew && (
                <button type="button" className="btn primary" onClick={onNew}>
                  Make one…
                </button>
              )}
            </Empty>
          )}
        </section>
      )}
      {items.length > 0 && <List items={items} />}
      {list.hasNextPage && (
        <button type="button" className="btn" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </button>
      )}
      {isMaking && <ScheduleForm onClose={() => setMaking(false)} />}
    </Screen>
  );
}

function sentenceOf(items: readonly ScheduleView[], hasMore: boolean): string {
  if (items.length === 0) return 'No schedules yet.';
  const paused = items.filter((schedule) => schedule.paused).length;
  return `${hasMore ? `More than ${count(items.length, 'schedule')}` : count(items.length, 'schedule')}${paused === 0 ? '' : `, ${String(paused)} paused`}`;
}

function List({ items }: { items: readonly ScheduleView[] }): JSX.Element {
  return (
    <section className="card" aria-label="Schedules">
      <div className="scroll">
        <table className="stack schedules">
          <thead>
            <tr>
              <th scope="col">Schedule</th>
              <th scope="col">Kind</th>
              <th scope="col">When</th>
              <th scope="col">Next tick, in {ZONE}</th>
              <th scope="col">Last ticks</th>
              <th scope="col">
                <span className="unseen">What is to be known</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((schedule, at) => (
              <Row key={schedule.id} schedule={schedule} isTold={at < MOST_TOLD} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ schedule, isTold }: { schedule: ScheduleView; isTold: boolean }): JSX.Element {
  const { id, kind, spec, lastTick, revision, description } = schedule;
  // The list has no ticks: the stream tells those of the first, and those of others are asked for when one has come.
  const { data: ticks } = useQuery({
    queryKey: isTold ? ticksKey(id) : [...ticksKey(id), lastTick, revision],
    queryFn: async ({ signal }) => (await api('GET /schedules/{id}', { path: { id } }, signal)).ticks,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
    enabled: !isTold,
  });
  return (
    <tr>
      <td className="full">
        <Link className="b" to="/schedules/$id" params={{ id }} title={description}>
          {id}
        </Link>
      </td>
      <td data-l="kind">{kind}</td>
      <td data-l="when">{specWords(spec)}</td>
      <td data-l="next tick">
        <NextTick schedule={schedule} />
      </td>
      <td className="full">{ticks && (ticks.length === 0 ? <span className="dim small">no tick yet</span> : <Strip ticks={ticks} />)}</td>
      <td className="full mid wraps">
        <Notes schedule={schedule} />
      </td>
    </tr>
  );
}

/** By the reader's clock, and by those of the schedule where they are others. */
function NextTick({ schedule: { spec, nextTick, paused } }: { schedule: ScheduleView }): JSX.Element | string {
  if (paused) return NONE;
  if (nextTick === null) return <span className="dim">none comes any more</span>;
  const zone = otherZone(spec);
  return (
    <>
      <Time at={nextTick} />
      {zone !== undefined && (
        <div className="small dim">
          {clockIn(zone, new Date(nextTick)) ?? NONE} in {zone}
        </div>
      )}
    </>
  );
}

function Notes({ schedule }: { schedule: ScheduleView }): JSX.Element | null {
  const { paused, pausedAt, failures } = schedule;
  if (!paused && failures === 0 && !isInCode(schedule)) return null;
  return (
    <>
      {paused && (
        <>
          <span className="badge wait">paused</span> since <Time at={pausedAt} /> {pauseWords(schedule)}{' '}
        </>
      )}
      {failures > 0 && <span className="bad">{count(failures, 'failure')} in a row </span>}
      {isInCode(schedule) && <span className="small dim">in code</span>}
    </>
  );
}
