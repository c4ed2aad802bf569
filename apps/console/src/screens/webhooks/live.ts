import { type InfiniteData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { api, type DeliveryDetail, type DeliveryPage, type EndpointList, PATH, type StatsVerdict, urlOf, type WebhooksNow } from '../../api/api';
import { queryClient } from '../../api/queries';
import { useLook } from '../../live/look';
import { newestFirst } from '../../live/newest-first';
import type { WebhookFilters } from './filters';

export const PAGE = 50;

type Pages = InfiniteData<DeliveryPage, string | null>;

export const listKey = ({ endpoint, state }: WebhookFilters) => ['deliveries', 'list', endpoint, state] as const;
export const oneKey = (id: string) => ['deliveries', 'one', id] as const;

/** All endpoints, and by the stream of this tab whatever changes on this screen. `away`: the gateway cannot reach PostgreSQL. */
export function useWebhooks(filters: WebhookFilters): { endpoints: UseQueryResult<EndpointList>; away: StatsVerdict | null } {
  const { endpoint, state } = filters;
  const endpoints = useQuery({ queryKey: ['endpoints'], queryFn: ({ signal }) => api('GET /webhooks/endpoints', {}, signal), staleTime: Infinity });
  const path = urlOf('/webhooks/stream', {}, { endpoint, state, limit: PAGE }).slice(PATH.length);
  return { endpoints, away: useLook(path, 'webhooks', (told) => tell(filters, told as WebhooksNow)) };
}

function tell(filters: WebhookFilters, { endpoints, deliveries }: WebhooksNow): void {
  queryClient.setQueryData<EndpointList>(['endpoints'], { items: endpoints });
  queryClient.setQueryData<Pages>(listKey(filters), (list) => newestFirst(list, deliveries));
  for (const delivery of deliveries.items) queryClient.setQueryData<DeliveryDetail>(oneKey(delivery.id), (one) => one && { ...one, ...delivery });
}
