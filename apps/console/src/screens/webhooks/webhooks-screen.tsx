import { getRouteApi } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import type { EndpointView } from '../../api/api';
import { useMay } from '../../api/rights';
import { Icon } from '../../parts/icon';
import { ErrorNote, Loading } from '../../parts/parts';
import { Screen } from '../../parts/screen';
import { count } from '../../words/words';
import { DeliveriesCard } from './deliveries-card';
import { DeliveryCard } from './delivery-card';
import { EndpointsCard } from './endpoints-card';
import { useWebhooks } from './live';
import './webhooks.css';

const webhooksRoute = getRouteApi('/webhooks');

export function WebhooksScreen(): JSX.Element {
  const filters = webhooksRoute.useSearch();
  const mayWrite = useMay()('webhooks:write');
  const [isMaking, setMaking] = useState(false);
  const {
    endpoints: { data, error, isPending, refetch },
    away,
  } = useWebhooks(filters);
  const endpoints = data?.items ?? [];
  return (
    <Screen title="Webhooks">
      <div className="row wrap titled">
        <h1 className="grow">{data ? sentenceOf(endpoints) : 'Webhooks'}</h1>
        {mayWrite && (
          <button type="button" className="btn" onClick={() => setMaking(true)}>
            <Icon name="plus" />
            Endpoint…
          </button>
        )}
      </div>
      {error && <ErrorNote error={error} retry={() => void refetch()} />}
      {away && <p className="note wait">{away.message}</p>}
      {isPending && <Loading what="endpoints" />}
      {data && <EndpointsCard endpoints={endpoints} mayWrite={mayWrite} isMaking={isMaking} setMaking={setMaking} />}
      {filters.delivery !== undefined && <DeliveryCard key={filters.delivery} id={filters.delivery} filters={filters} mayWrite={mayWrite} />}
      <DeliveriesCard filters={filters} endpoints={endpoints} mayWrite={mayWrite} />
    </Screen>
  );
}

function sentenceOf(endpoints: readonly EndpointView[]): string {
  if (endpoints.length === 0) return 'No endpoint is told of jobs.';
  const disabled = endpoints.filter(({ enabled }) => !enabled).length;
  return `${count(endpoints.length, 'endpoint')}${disabled === 0 ? '' : `, ${String(disabled)} disabled`}`;
}
