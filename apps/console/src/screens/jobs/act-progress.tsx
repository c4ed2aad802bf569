import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type JSX, useEffect } from 'react';
import { api, type JobDetail, type JsonValue } from '../../api/api';
import { jobQuery, queryClient } from '../../api/queries';
import { useMay } from '../../api/rights';
import { Icon } from '../../parts/icon';
import { ErrorNote } from '../../parts/parts';
import { count, number } from '../../words/words';
import { type Act, ACT_NAMES, ACTS } from './acts';

const LOOK_MS = 500;

/** An act on many jobs while it is done, and what was done. It is a job, whose id the URL has: another person sees the same. */
export function ActProgress({ id, onClose }: { id: string; onClose: () => void }): JSX.Element | null {
  const { data: job, error } = useQuery({ ...jobQuery(id), refetchInterval: ({ state }) => (state.data && hasEnded(state.data) ? false : LOOK_MS) });
  const ended = job !== undefined && hasEnded(job);
  useEffect(() => {
    // What has come and gone by it: events do not say whether a job fits a filter.
    if (ended) void queryClient.invalidateQueries({ queryKey: ['jobs'] });
  }, [ended]);
  if (error) return <ErrorNote error={error} />;
  const act = job && actOf(job);
  if (!job || !act) return null;
  const { doing, done, states } = ACTS[act];
  const result = resultOf(job);
  const isWell = job.state === 'succeeded' && result.matched === result.changed;
  return (
    <div className={isWell ? 'note ok' : ended ? 'note wait' : 'note'} role="status">
      <Icon name={isWell ? 'check' : ended ? 'warn' : 'running'} />
      <div className="grow">
        {!ended && (
          <>
            <b>{doing}…</b> {number(job.progress?.done ?? 0)} so far.
          </>
        )}
        {job.state === 'succeeded' && (
          <>
            <b>{count(result.changed, 'job')}</b> {done}.
            {result.matched > result.changed &&
              ` ${number(result.matched - result.changed)} of the ${number(result.matched)} that matched were ${
                states.includes('failed') ? 'changed by somebody else, or have a unique key that another job waits with' : 'just starting or ending'
              }, and stay as they are.`}
          </>
        )}
        {(job.state === 'failed' || job.state === 'cancelled') && (
          <>
            <b>{job.state === 'failed' ? 'It has failed' : 'It was cancelled'}</b> after {count(job.progress?.done ?? 0, 'job')}; what it has done stays.{' '}
            {job.error?.message}
          </>
        )}{' '}
        <Link to="/jobs/$id" params={{ id }}>
          {ended ? 'The job that did it' : 'Its job, where it can be cancelled'}
        </Link>
        <InAudit act={act} id={id} />
      </div>
      <button type="button" className="btn tiny quiet square" aria-label="Close this note" onClick={onClose}>
        <Icon name="close" />
      </button>
    </div>
  );
}

const MOST_LOOKED_AT = 50;

/** Who has asked for it and why: the entry of this very act. */
function InAudit({ act, id }: { act: Act; id: string }): JSX.Element | null {
  const mayRead = useMay()('audit:read');
  const action = ACTS[act].does;
  const { data } = useQuery({
    queryKey: ['audit-of-act', id],
    queryFn: ({ signal }) => api('GET /audit', { query: { action, limit: MOST_LOOKED_AT } }, signal),
    enabled: mayRead,
  });
  const entry = data?.items.find(({ detail }) => idIn(detail['after']) === id);
  if (!mayRead || data === undefined) return null;
  return (
    <>
      {' · '}
      <Link to="/audit" search={{ action, ...(entry && { entry: entry.id }) }}>
        In the audit
      </Link>
    </>
  );
}

function hasEnded({ state }: JobDetail): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

function actOf({ kind, payload }: JobDetail): Act | undefined {
  return kind === 'longhaul.bulk' && isObject(payload) ? ACT_NAMES.find((act) => act === payload['act']) : undefined;
}

function resultOf({ result }: JobDetail): { matched: number; changed: number } {
  const of = (name: string): number => (isObject(result) && typeof result[name] === 'number' ? result[name] : 0);
  return { matched: of('matched'), changed: of('changed') };
}

function idIn(value: JsonValue | undefined): JsonValue | undefined {
  return isObject(value) ? value['id'] : undefined;
}

function isObject(value: JsonValue | undefined): value is { [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
