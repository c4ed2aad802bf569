import { type InfiniteData, useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { JSX } from 'react';
import { api, type AuditEntry, type AuditPage, PATH, urlOf } from '../../api/api';
import { queryClient } from '../../api/queries';
import { useLook } from '../../live/look';
import { newestFirst } from '../../live/newest-first';
import { FilterBar, type FilterField } from '../../parts/filter-bar';
import { CopyButton, Empty, ErrorNote, Loading } from '../../parts/parts';
import { Screen } from '../../parts/screen';
import { Time } from '../../parts/time';
import { count } from '../../words/words';
import { EntryDetail } from './entry-detail';
import type { AuditFilters } from './search';
import './audit.css';

const auditRoute = getRouteApi('/audit');
const PAGE = 50;

const FIELDS: readonly FilterField<keyof AuditFilters>[] = [
  { name: 'subject', label: 'By', hint: 'such as local, or key:…' },
  { name: 'action', label: 'Act', hint: 'such as pauseQueue' },
  { name: 'target', label: 'Path', hint: 'such as /queues/default/pause' },
  { name: 'from', label: 'Since', hint: 'such as 2026-01-31' },
  { name: 'to', label: 'Before', hint: 'such as 2026-02-01' },
];

/** Who has changed what, the newest first. */
export function AuditScreen(): JSX.Element {
  const { entry: opened, ...filters } = auditRoute.useSearch();
  const navigate = useNavigate();
  const queryKey = ['audit', filters] as const;
  const list = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => api('GET /audit', { query: { ...filters, limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    staleTime: Infinity,
  });
  // A filter that was refused has no stream.
  const path = list.isError ? null : urlOf('/streams/audit', {}, { ...filters, limit: PAGE }).slice(PATH.length);
  const away = useLook(path, 'audit', (told) =>
    queryClient.setQueryData<InfiniteData<AuditPage, string | null>>(queryKey, (all) => newestFirst(all, told as AuditPage)),
  );
  const entries = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <Screen title="Who has changed what" crumb="Audit">
      <div className="row wrap screen-head">
        <h1>Who has changed what</h1>
        <span className="grow" />
        <CopyButton className="btn" text={location.href} label="Copy a link to this list">
          Copy link
        </CopyButton>
      </div>
      <div className="row wrap">
        <FilterBar fields={FIELDS} filters={filters} onChange={(search) => void navigate({ to: '/audit', search })} />
        <span className="grow" />
        {entries.length > 0 && (
          <span className="small dim">
            {count(entries.length, 'act')} shown{list.hasNextPage ? ', more below' : ''}, newest first
          </span>
        )}
      </div>
      {away && <p className="note wait">{away.message}</p>}
      {list.error && <ErrorNote error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Loading what="the audit" />}
      {list.data && entries.length === 0 && (
        <section className="card">
          <Empty icon="audit" title={isFiltered ? 'No act fits these filters.' : 'Nobody has changed anything yet.'}>
            {isFiltered ? (
              <Link className="btn" to="/audit" search={{}}>
                Show all acts
              </Link>
            ) : (
              <p>
                What changes something is written down here, with who did it and what was before: a cancelled job, a paused queue, a new key. Submissions are
                not.
              </p>
            )}
          </Empty>
        </section>
      )}
      {entries.length > 0 && (
        <section className="card" aria-label="Acts">
          <table className="audit">
            <thead>
              <tr>
                <th scope="col">Act</th>
                <th scope="col">To what</th>
                <th scope="col">By</th>
                <th scope="col">From</th>
                <th scope="col" className="num">
                  When
                </th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <Row
                  key={entry.id}
                  entry={entry}
                  isOpen={entry.id === opened}
                  onOpen={(isOpen) =>
                    void navigate({ to: '/audit', search: { ...filters, ...(isOpen ? { entry: entry.id } : {}) }, resetScroll: false, replace: true })
                  }
                />
              ))}
            </tbody>
          </table>
          {list.hasNextPage && (
            <div className="pad">
              <button type="button" className="btn" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                Show older
              </button>
            </div>
          )}
        </section>
      )}
    </Screen>
  );
}

function Row({ entry, isOpen, onOpen }: { entry: AuditEntry; isOpen: boolean; onOpen: (isOpen: boolean) => void }): JSX.Element {
  const { id, action, target, subject, via, ip, at } = entry;
  return (
    <>
      <tr className={isOpen ? 'on' : undefined}>
        <td className="c-act">
          <button type="button" className="act" aria-expanded={isOpen} aria-controls={`act-${id}`} onClick={() => onOpen(!isOpen)}>
            {actWords(action)}
          </button>
          {isDryRun(entry) && <span className="badge">dry run</span>}
        </td>
        <td className="c-target mono cut" title={target}>
          {shortPath(target)}
        </td>
        <td className="c-by cut" title={`${subject}, by ${via}`}>
          {subject}
        </td>
        <td className="c-ip mid">{via === 'cli' ? 'command line' : ip}</td>
        <td className="c-at num mid">
          <Time at={at} relative />
        </td>
      </tr>
      {isOpen && (
        <tr className="opened" id={`act-${id}`}>
          <td colSpan={5}>
            <EntryDetail entry={entry} />
          </td>
        </tr>
      )}
    </>
  );
}

/** It has only counted. */
function isDryRun({ detail: { request } }: AuditEntry): boolean {
  return typeof request === 'object' && request !== null && !Array.isArray(request) && request['dryRun'] === true;
}

/** `pauseQueue`: `pause queue`. */
function actWords(action: string): string {
  return action.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Without what is the same for all, and with the end of an id only. */
function shortPath(target: string): string {
  const path = PATH !== '' && target.startsWith(PATH) ? target.slice(PATH.length) : target;
  return path.replace(/[0-9a-f]{8}-[0-9a-f-]{20,28}([0-9a-f]{6})(?=\/|$)/i, '…$1');
}
