import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import { api, type DeliveryState, type DeliveryView, type EndpointView } from '../../api/api';
import { Card, Choice, Empty, ErrorNote, Loading } from '../../parts/parts';
import { State } from '../../parts/state';
import { Time } from '../../parts/time';
import { count, NONE, shortId } from '../../words/words';
import { ReplayFailed } from './replay-deeds';
import type { WebhookFilters } from './filters';
import { listKey, PAGE } from './live';
import { lastWords, LOOKS } from './words';

/** What was sent, newest first, by receiver and state. */
export function DeliveriesCard({
  filters,
  endpoints,
  mayWrite,
}: {
  filters: WebhookFilters;
  endpoints: readonly EndpointView[];
  mayWrite: boolean;
}): JSX.Element {
  const { endpoint, state } = filters;
  const navigate = useNavigate();
  const [isReplaying, setReplaying] = useState(false);
  const list = useInfiniteQuery({
    queryKey: listKey(filters),
    queryFn: ({ signal, pageParam }) =>
      api(
        'GET /webhooks/deliveries',
        { query: { limit: PAGE, ...(endpoint !== undefined && { endpoint }), ...(state && { state }), ...(pageParam !== null && { cursor: pageParam }) } },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    // The stream tells the first page anew.
    staleTime: Infinity,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const of = endpoints.find(({ id }) => id === endpoint);
  const show = (next: WebhookFilters): void => void navigate({ to: '/webhooks', search: next });
  return (
    <Card
      title="Deliveries"
      note={of ? `to ${of.url}` : 'to all endpoints and callback URLs'}
      end={
        <span className="row wrap">
          {endpoint !== undefined && (
            <button type="button" className="btn tiny" onClick={() => show(state ? { state } : {})}>
              Of all endpoints
            </button>
          )}
          <Choice<DeliveryState | 'all'>
            small
            label="State of the deliveries"
            value={state ?? 'all'}
            values={[
              ['all', 'All'],
              ['pending', 'Pending'],
              ['succeeded', 'Succeeded'],
              ['failed', 'Failed'],
            ]}
            onChange={(next) => show({ ...(endpoint !== undefined && { endpoint }), ...(next !== 'all' && { state: next }) })}
          />
          {mayWrite && (
            <button type="button" className="btn tiny" onClick={() => setReplaying(true)}>
              Send failed ones again…
            </button>
          )}
        </span>
      }
    >
      {list.error && <ErrorNote error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Loading what="deliveries" />}
      {list.data && items.length === 0 && (
        <Empty icon="webhooks" title={state === undefined && endpoint === undefined ? 'Nothing was sent yet.' : 'No delivery fits.'}>
          <p>A delivery appears here a moment after a job has ended that an endpoint is told of, or that has a callbackUrl.</p>
        </Empty>
      )}
      {items.length > 0 && (
        <table className="stack deliveries">
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">Event</th>
              <th scope="col">To</th>
              <th scope="col">Its last attempt</th>
              <th scope="col">Next</th>
              <th scope="col">Job</th>
              <th scope="col" className="num">
                Made
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((delivery) => (
              <Row key={delivery.id} delivery={delivery} filters={filters} />
            ))}
          </tbody>
        </table>
      )}
      {list.hasNextPage && (
        <p className="pad">
          <button type="button" className="btn" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show older ones
          </button>
          <span className="small dim"> {count(items.length, 'delivery', 'deliveries')} shown</span>
        </p>
      )}
      {isReplaying && <ReplayFailed endpoint={of} onClose={() => setReplaying(false)} />}
    </Card>
  );
}

function Row({ delivery, filters }: { delivery: DeliveryView; filters: WebhookFilters }): JSX.Element {
  const { id, type, url, state, nextAttemptAt, jobId, createdAt } = delivery;
  return (
    <tr className={filters.delivery === id ? 'sel' : undefined}>
      <td data-l="state">
        <State state={LOOKS[state]} word={state} />
      </td>
      <td data-l="event">
        <Link className="b" to="/webhooks" search={{ ...filters, delivery: id }} aria-current={filters.delivery === id ? 'true' : undefined}>
          {type}
        </Link>
      </td>
      <td data-l="to" className="wraps full">
        {url}
      </td>
      <td data-l="its last attempt" className="wraps">
        {lastWords(delivery)}
      </td>
      <td data-l="next">{nextAttemptAt === null ? NONE : <Time at={nextAttemptAt} relative />}</td>
      <td data-l="job">
        {jobId === null ? (
          NONE
        ) : (
          <Link className="mono" to="/jobs/$id" params={{ id: jobId }} title={jobId}>
            {shortId(jobId)}
          </Link>
        )}
      </td>
      <td className="num" data-l="made">
        <Time at={createdAt} relative />
      </td>
    </tr>
  );
}
