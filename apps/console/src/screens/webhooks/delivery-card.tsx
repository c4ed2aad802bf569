import { type InfiniteData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import { api, ApiError, type DeliveryDetail, type DeliveryPage, readExact } from '../../api/api';
import { useMay } from '../../api/rights';
import { JsonTree } from '../../parts/json-tree';
import { Card, CopyButton, Empty, ErrorNote, Facts, Hidden, Loading } from '../../parts/parts';
import { State } from '../../parts/state';
import { Time } from '../../parts/time';
import { duration, shortId } from '../../words/words';
import { Replay } from './replay-deeds';
import type { WebhookFilters } from './filters';
import { listKey, oneKey } from './live';
import { LOOKS } from './words';

/** Of one that is older than those the stream tells. */
const EVERY_MS = 3_000;

/** One delivery: its attempts with what the receiver answered, and its body as it was sent. */
export function DeliveryCard({ id, filters, mayWrite }: { id: string; filters: WebhookFilters; mayWrite: boolean }): JSX.Element {
  const [isReplaying, setReplaying] = useState(false);
  const list = useQuery<InfiniteData<DeliveryPage>>({ queryKey: listKey(filters), enabled: false }).data;
  const isTold = list?.pages[0]?.items.some((one) => one.id === id) ?? false;
  const { data, error, isPending } = useQuery({
    queryKey: oneKey(id),
    queryFn: ({ signal }) => api('GET /webhooks/deliveries/{id}', { path: { id } }, signal),
    refetchInterval: ({ state: { data: one } }) => (one?.state === 'pending' && !isTold ? EVERY_MS : false),
  });
  const { endpoint, state } = filters;
  const others = { ...(endpoint !== undefined && { endpoint }), ...(state && { state }) };
  return (
    <Card
      title="One delivery"
      end={
        <span className="row">
          {data && mayWrite && (
            <button type="button" className="btn tiny" onClick={() => setReplaying(true)}>
              Send it again…
            </button>
          )}
          <Link className="btn tiny" to="/webhooks" search={others}>
            Close
          </Link>
        </span>
      }
    >
      {error instanceof ApiError && error.status === 404 ? (
        <Empty icon="webhooks" title="There is no such delivery.">
          <p>Deliveries are kept as long as the jobs that send them.</p>
        </Empty>
      ) : (
        error && <ErrorNote error={error} />
      )}
      {isPending && <Loading what="the delivery" />}
      {data && <Delivery delivery={data} />}
      {data && isReplaying && <Replay delivery={data} onClose={() => setReplaying(false)} />}
    </Card>
  );
}

function Delivery({ delivery }: { delivery: DeliveryDetail }): JSX.Element {
  const { type, url, state, webhookId, jobId, createdAt, nextAttemptAt, attempts, body } = delivery;
  const mayPayload = useMay()('jobs:payload');
  return (
    <>
      <div className="pad">
        <Facts
          facts={[
            ['State', <State key="s" state={LOOKS[state]} word={state} />],
            ['Event', type],
            ['To', url],
            jobId !== null && [
              'Job',
              <Link key="j" className="mono" to="/jobs/$id" params={{ id: jobId }}>
                {shortId(jobId)}
              </Link>,
            ],
            ['Made', <Time key="m" at={createdAt} />],
            nextAttemptAt !== null && ['Next attempt', <Time key="n" at={nextAttemptAt} relative />],
            [
              'webhook-id',
              <span key="w" className="row mono">
                <span>{webhookId}</span>
                <CopyButton className="btn quiet tiny" text={webhookId} label="Copy the webhook-id" />
              </span>,
            ],
          ]}
        />
      </div>
      {attempts.length > 0 && (
        <table className="stack">
          <thead>
            <tr>
              <th scope="col">Attempt</th>
              <th scope="col">Answer</th>
              <th scope="col" className="num">
                Took
              </th>
              <th scope="col">What it said</th>
            </tr>
          </thead>
          <tbody>
            {attempts.map(({ at, status, error, durationMs, answer }) => (
              <tr key={at}>
                <td data-l="attempt">
                  <Time at={at} />
                </td>
                <td data-l="answer">
                  <b className={error === undefined ? 'ok' : 'bad'}>{status ?? 'none'}</b>
                </td>
                <td data-l="took" className="num">
                  {duration(durationMs)}
                </td>
                <td className="full wraps mid">
                  {error}
                  {answer && answer.body !== '' && <pre className="code answer">{answer.body}</pre>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {mayPayload ? <JsonTree name="body" value={parsed(body)} /> : <Hidden what="the body" />}
    </>
  );
}

function parsed(body: string): unknown {
  try {
    return readExact(body);
  } catch {
    return body;
  }
}
