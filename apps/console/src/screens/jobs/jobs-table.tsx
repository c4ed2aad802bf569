import { Link } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type JSX, type KeyboardEvent, memo, type MouseEvent, useEffect, useRef } from 'react';
import type { JobView } from '../../api/api';
import { State } from '../../parts/state';
import { Time, useNow } from '../../parts/time';
import { count, duration, NONE, shortId } from '../../words/words';
import { Says, says } from './says';
import type { Selection } from './selection';

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
  /** None where nothing may be done with jobs. */
  selection: Selection | null;
}

/** The list as a table of which only the rows in sight are drawn. */
export function JobsTable({ jobs, news, onNews, hasMore, isMoreComing, more, selection }: Props): JSX.Element {
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
            {selection && (
              <th scope="col" className="c-box">
                <input
                  type="checkbox"
                  aria-label="Choose all that are shown"
                  checked={selection.chosen.length === jobs.length}
                  ref={(box) => {
                    if (box) box.indeterminate = selection.chosen.length > 0 && selection.chosen.length < jobs.length;
                  }}
                  onChange={(event) => selection.all(event.currentTarget.checked)}
                />
              </th>
            )}
            <th scope="col" className="c-state">
              State
            </th>
            <th scope="col" className="c-kind">
              Kind
            </th>
            <th scope="col" className="says">
              What it says
            </th>
            <th scope="col" className="num c-attempt">
              Attempt
            </th>
            <th scope="col" className="num c-waited">
              Waited
            </th>
            <th scope="col" className="num c-ran">
              Ran
            </th>
            <th scope="col" className="num c-created">
              Created
            </th>
            <th scope="col" className="c-id">
              Id
            </th>
          </tr>
        </thead>
        {/* The arrows lead from one box to the next, as in a list of the system's. */}
        <tbody ref={body} onKeyDown={moveBetweenBoxes}>
          {before > 0 && <tr className="room" aria-hidden="true" style={{ height: before }} />}
          {rows.map(
            ({ index }) =>
              jobs[index] && (
                <Row
                  key={jobs[index].id}
                  job={jobs[index]}
                  index={index}
                  isChosen={selection ? selection.has(jobs[index].id) : null}
                  onToggle={selection?.toggle ?? NOTHING}
                />
              ),
          )}
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

const NOTHING = (): void => undefined;

function moveBetweenBoxes(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0 || !(event.target instanceof HTMLInputElement)) return;
  const boxes = [...event.currentTarget.querySelectorAll<HTMLInputElement>('.c-box input')];
  const next = boxes[boxes.indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

interface RowProps {
  job: JobView;
  index: number;
  /** Null where none can be chosen. */
  isChosen: boolean | null;
  onToggle: (id: string, isRange: boolean) => void;
}

const Row = memo(function Row({ job, index, isChosen, onToggle }: RowProps): JSX.Element {
  return (
    <tr aria-rowindex={index + 2} className={isChosen ? 'chosen' : undefined}>
      {isChosen !== null && (
        <td className="c-box">
          <input
            type="checkbox"
            aria-label={`Choose ${job.kind} ${shortId(job.id)}`}
            checked={isChosen}
            onChange={NOTHING}
            // By the space bar too, with its modifiers.
            onClick={(event: MouseEvent) => onToggle(job.id, event.shiftKey)}
          />
        </td>
      )}
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
      <td className="num c-attempt">
        {job.attempt} of {job.maxAttempts}
      </td>
      <td className="num c-waited">
        <Waited job={job} />
      </td>
      <td className="num c-ran">
        <Ran job={job} />
      </td>
      <td className="num mid">
        <Time at={job.createdAt} relative />
      </td>
      <td className="mono dim c-id" title={job.id}>
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
