import { Link } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type JSX, memo, useEffect, useRef } from 'react';
import type { JobView } from '../../api/api';
import { State } from '../../parts/state';
import { Time, useNow } from '../../parts/time';
import { count, duration, NONE, shortId } from '../../words/words';
import { Says, says } from './says';

const ROW = 36;
/** Two lines, below 760 px. */
const TALL_ROW = 60;
const NEAR_END = 20;

interface Props {
  jobs: readonly JobView[];
  /** How many have come since. */
  news: number;
  onNews: () => void;
  hasMore: boolean;
  isMoreComing: boolean;
  more: () => void;
}

/** The list as a table of which only the rows in sight are drawn. */
export function JobsTable({ jobs, news, onNews, hasMore, isMoreComing, more }: Props): JSX.Element {
  const body = useRef<HTMLTableSectionElement>(null);
  const isNarrow = window.matchMedia('(max-width: 760px)').matches;
  const virtual = useWindowVirtualizer({
    count: jobs.length,
    estimateSize: () => (isNarrow ? TALL_ROW : ROW),
    overscan: 12,
    scrollMargin: body.current?.offsetTop ?? 0,
    getItemKey: (index) => jobs[index]?.id ?? index,
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !isMoreComing && last >= jobs.length - NEAR_END) more();
  }, [hasMore, isMoreComing, last, jobs.length, more]);
  const before = (rows[0]?.start ?? 0) - virtual.options.scrollMargin;
  const after = virtual.getTotalSize() - ((rows.at(-1)?.end ?? 0) - virtual.options.scrollMargin);
  return (
    <section className="card jobs-card" aria-label="Jobs">
      {news > 0 && (
        <button type="button" className="news" onClick={onNews}>
          {count(news, 'new job')}: show {news === 1 ? 'it' : 'them'}
        </button>
      )}
      <table className="jobs" aria-rowcount={hasMore ? -1 : jobs.length + 1}>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Kind</th>
            <th scope="col" className="says">
              What it says
            </th>
            <th scope="col" className="num">
              Attempt
            </th>
            <th scope="col" className="num">
              Waited
            </th>
            <th scope="col" className="num">
              Ran
            </th>
            <th scope="col" className="num">
              Created
            </th>
            <th scope="col">Id</th>
          </tr>
        </thead>
        <tbody ref={body}>
          {before > 0 && <tr className="room" aria-hidden="true" style={{ height: before }} />}
          {rows.map(({ index }) => jobs[index] && <Row key={jobs[index].id} job={jobs[index]} index={index} />)}
          {after > 0 && <tr className="room" aria-hidden="true" style={{ height: after }} />}
        </tbody>
      </table>
      {(hasMore || isMoreComing) && (
        <p className="dim small pad" role="status">
          {isMoreComing ? 'Looking further back…' : 'There is more below.'}
        </p>
      )}
    </section>
  );
}

const Row = memo(function Row({ job, index }: { job: JobView; index: number }): JSX.Element {
  return (
    <tr aria-rowindex={index + 2}>
      <td className="c-state">
        <State state={job.state} />
      </td>
      <td className="c-kind">
        <Link className="job-link cut" to="/jobs/$id" params={{ id: job.id }}>
          {job.kind}
        </Link>
      </td>
      <td className="says c-says" title={says(job)}>
        <Says job={job} />
      </td>
      <td className="num">
        {job.attempt} of {job.maxAttempts}
      </td>
      <td className="num">
        <Waited job={job} />
      </td>
      <td className="num">
        <Ran job={job} />
      </td>
      <td className="num mid">
        <Time at={job.createdAt} relative />
      </td>
      <td className="mono dim" title={job.id}>
        {shortId(job.id)}
      </td>
    </tr>
  );
});

/** Until its first attempt. After that the row has only the start of its newest attempt. */
function Waited({ job: { state, attempt, createdAt, startedAt } }: { job: JobView }): string | JSX.Element {
  if (startedAt !== null && attempt <= 1) return duration(Date.parse(startedAt) - Date.parse(createdAt));
  return state === 'queued' && attempt === 0 ? <Since time={createdAt} /> : NONE;
}

/** Its newest attempt. */
function Ran({ job: { state, startedAt, finishedAt } }: { job: JobView }): string | JSX.Element {
  if (startedAt === null) return NONE;
  if (state === 'running') return <Since time={startedAt} />;
  return finishedAt === null ? NONE : duration(Date.parse(finishedAt) - Date.parse(startedAt));
}

function Since({ time }: { time: string }): string {
  const now = useNow();
  return duration(Math.max(0, Math.floor((now - Date.parse(time)) / 1_000) * 1_000 + 100));
}
