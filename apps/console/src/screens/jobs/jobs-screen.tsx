import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type JSX, lazy, Suspense, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import { api, type JobView, PATH, urlOf } from '../../api/api';
import { queryClient } from '../../api/queries';
import { useMay } from '../../api/rights';
import { freshEvents, JOB_EVENTS, patchJobs } from '../../live/job-events';
import { useStream } from '../../live/stream';
import { FilterBar } from '../../parts/filter-bar';
import { Command, Choice, CopyButton, Empty, ErrorNote, Loading } from '../../parts/parts';
import { Screen } from '../../parts/screen';
import { count } from '../../words/words';
import { ActProgress } from './act-progress';
import { type Act, actsFor, type Which } from './acts';
import { ActsOnAll, SelectionBar } from './acts-bar';
import { FIELDS } from './filter-fields';
import { describe, type JobFilters, queryOf, readFilters } from './filters';
import { JobsTable } from './jobs-table';
import { type Selection, useSelection } from './selection';
import './jobs.css';

/** By its path: the route loads this file. */
const jobsRoute = getRouteApi('/jobs');
const PAGE = 100;
/** Its dialog comes when it is opened: most who look at the list act on nothing. */
const ActDeed = lazy(() => import('./act-deed').then((loaded) => ({ default: loaded.ActDeed })));

const jobsQuery = (filters: JobFilters) =>
  infiniteQueryOptions({
    queryKey: ['jobs', filters],
    queryFn: ({ pageParam, signal }) =>
      api('GET /jobs', { query: { ...queryOf(filters), limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    staleTime: 1_000,
  });

export function JobsScreen(): JSX.Element {
  const { act: actId, ...search } = jobsRoute.useSearch();
  const key = JSON.stringify(search);
  // One object for the same filters: what is chosen is of one list.
  const filters = useMemo(() => readFilters(JSON.parse(key) as Record<string, unknown>), [key]);
  const navigate = useNavigate();
  const [isLive, setLive] = useState(true);
  const list = useInfiniteQuery(jobsQuery(filters));
  const jobs = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const fresh = useFreshJobs(filters, isLive, jobs);
  const selection = useSelection(jobs, filters);
  const may = useMay();
  const mayAct = actsFor(undefined, may).length > 0;
  const [deed, setDeed] = useState<{ act: Act; which: Which } | null>(null);
  useEscape(selection, deed !== null);
  const isFiltered = Object.keys(filters).length > 0;
  const title = describe(filters);
  return (
    <Screen title={title} crumb="Jobs">
      <div className="row wrap screen-head">
        <h1>{title}</h1>
        <span className="grow" />
        <Choice
          label="Updates"
          value={isLive ? 'live' : 'pause'}
          values={[
            ['live', 'Live'],
            ['pause', 'Pause'],
          ]}
          onChange={(value) => setLive(value === 'live')}
        />
        <CopyButton className="btn" text={location.href} label="Copy a link to this list">
          Copy link
        </CopyButton>
        {jobs.length > 0 && <ActsOnAll state={filters.state} onAct={(act) => setDeed({ act, which: { filter: filters } })} />}
      </div>
      <div className="row wrap">
        <FilterBar fields={FIELDS} filters={filters} onChange={(search) => void navigate({ to: '/jobs', search: readFilters(search) })} />
        <span className="grow" />
        <span className="small dim">
          {count(jobs.length, 'job')} shown{list.hasNextPage ? ', more below' : ''}, newest first
        </span>
      </div>
      {actId !== undefined && <ActProgress key={actId} id={actId} onClose={() => void navigate({ to: '/jobs', search: filters, replace: true })} />}
      {list.error && <ErrorNote error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Loading what="jobs" />}
      {list.data && jobs.length === 0 && !list.hasNextPage && (
        <section className="card">
          <Empty title={isFiltered ? 'No job fits these filters.' : 'No jobs yet.'}>
            {isFiltered ? (
              <Link className="btn" to="/jobs" search={{}}>
                Show all jobs
              </Link>
            ) : (
              <>
                <p>A job appears here when it has been accepted. One call submits one:</p>
                <Command
                  text={`curl -i ${location.origin}${PATH}/jobs -H 'content-type: application/json' -d '{"kind":"debug.echo","payload":{"value":"hello"}}'`}
                />
              </>
            )}
          </Empty>
        </section>
      )}
      {(jobs.length > 0 || list.hasNextPage) && (
        <JobsTable
          jobs={jobs}
          news={fresh.count}
          onNews={fresh.show}
          hasMore={list.hasNextPage}
          isMoreComing={list.isFetchingNextPage}
          more={() => void list.fetchNextPage()}
          selection={mayAct ? selection : null}
        />
      )}
      {selection.chosen.length > 0 && (
        <SelectionBar
          chosen={selection.chosen}
          shown={jobs.length}
          isAll={selection.chosen.length === jobs.length}
          onAct={(act) => setDeed({ act, which: { ids: selection.chosen.map(({ id }) => id) } })}
          onAll={() => selection.all(true)}
          onClear={selection.clear}
        />
      )}
      {deed && (
        <Suspense fallback={null}>
          <ActDeed
            {...deed}
            onStarted={({ id }) => {
              if ('ids' in deed.which) selection.clear();
              void navigate({ to: '/jobs', search: { ...filters, act: id }, replace: true });
            }}
            onClose={() => setDeed(null)}
          />
        </Suspense>
      )}
    </Screen>
  );
}

/** A dialog has the key for itself. */
function useEscape(selection: Selection, isTaken: boolean): void {
  const onKey = useEffectEvent((event: globalThis.KeyboardEvent) => {
    if (event.key === 'Escape' && !isTaken && selection.chosen.length > 0 && !event.defaultPrevented) selection.clear();
  });
  useEffect(() => {
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

const LOOK_MS = 1_000;

/**
 * Jobs that have come since the list was read. They wait above it, because rows that move away while somebody reads them are worse than rows that are a
 * little old. Events do not say whether a job fits the filters: that is asked, once a second at most.
 */
function useFreshJobs(filters: JobFilters, isLive: boolean, shown: readonly JobView[]): { count: number; show: () => void } {
  const [fresh, setFresh] = useState<{ of: JobFilters; ids: string[] }>({ of: filters, ids: [] });
  const looking = useRef(false);
  const newest = shown[0]?.id ?? '';
  const show = (): void => {
    setFresh({ of: filters, ids: [] });
    // From the top: pages further down would be read again one by one.
    queryClient.setQueryData(jobsQuery(filters).queryKey, (list) => list && { pages: list.pages.slice(0, 1), pageParams: list.pageParams.slice(0, 1) });
    void queryClient.invalidateQueries({ queryKey: ['jobs', filters] });
    window.scrollTo({ top: 0 });
  };
  const look = useEffectEvent(async () => {
    const { items } = await api('GET /jobs', { query: { ...queryOf(filters), limit: PAGE } });
    // Ids grow with time.
    const ids = items.map(({ id }) => id).filter((id) => id > newest);
    if (ids.length === 0) return;
    if (newest === '') show();
    else setFresh({ of: filters, ids });
  });
  useStream(isLive ? urlOf('/jobs/events', {}, { kind: filters.kind }).slice(PATH.length) : null, {
    names: JOB_EVENTS,
    onEvents: (events) => {
      if (events.some(({ name }) => name === 'reset')) void queryClient.invalidateQueries({ queryKey: ['jobs'] });
      const unknown = patchJobs(freshEvents(events));
      if (looking.current || ![...unknown].some((id) => id > newest)) return;
      looking.current = true;
      setTimeout(() => void look().catch(() => undefined).finally(() => (looking.current = false)), LOOK_MS); // prettier-ignore
    },
  });
  return { count: fresh.of === filters ? fresh.ids.filter((id) => id > newest).length : 0, show };
}
