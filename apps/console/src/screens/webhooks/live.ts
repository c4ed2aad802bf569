import { type InfiniteData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type DeliveryDetail, type DeliveryPage, type EndpointList, PATH, type StatsVerdict, urlOf, type WebhooksNow } from '../../api/api';
import { queryClient } from '../../api/queries';
import { useStream } from '../../live/stream';
import type { WebhookFilters } from './filters';
import { newestFirst } from './newest-first';

export const PAGE = 50;

type Pages = InfiniteData<DeliveryPage, string | null>;

export const listKey = ({ endpoint, state }: WebhookFilters) => ['deliveries', 'list', endpoint, state] as const;
export const oneKey = (id: string) => ['deliveries', 'one', id] as const;

/** All endpoints, and by the stream of this tab whatever changes on this screen. `away`: the gateway cannot reach PostgreSQL. */
export function useWebhooks(filters: WebhookFilters): { endpoints: UseQueryResult<EndpointList>; away: StatsVerdict | null } {
  const { endpoint, state } = filters;
  const [away, setAway] = useState<StatsVerdict | null>(null);
  const endpoints = useQuery({ queryKey: ['endpoints'], queryFn: ({ signal }) => api('GET /webhooks/endpoints', {}, signal), staleTime: Infinity });
  useStream(urlOf('/webhooks/stream', {}, { endpoint, state, limit: PAGE }).slice(PATH.length), {
    names: ['webhooks', 'unavailable'],
    onEvents: (events) => {
      const last = events.at(-1);
      if (last?.name === 'unavailable') return setAway((last.data as { verdict: StatsVerdict }).verdict);
      setAway(null);
      if (last) tell(filters, last.data as WebhooksNow);
    },
  });
  return { endpoints, away };
}

function tell(filters: WebhookFilters, { endpoints, deliveries }: WebhooksNow): void {
  queryClient.setQueryData<EndpointList>(['endpoints'], { items: endpoints });
  queryClient.setQueryData<Pages>(listKey(filters), (list) => newestFirst(list, deliveries));
  for (const delivery of deliveries.items) queryClient.setQueryData<DeliveryDetail>(oneKey(delivery.id), (one) => one && { ...one, ...delivery });
}
