import { useQuery } from '@tanstack/react-query';
import { kindsQuery, queuesQuery } from './queries';
import { useMay } from './rights';

/** The names of the kinds that can be submitted. */
export function useKindNames(): readonly string[] {
  return useQuery(kindsQuery).data?.items.map(({ kind }) => kind) ?? [];
}

/** The names of the queues; none for who may not see them. */
export function useQueueNames(): readonly string[] {
  return useQuery({ ...queuesQuery, enabled: useMay()('queues:read') }).data?.items.map(({ name }) => name) ?? [];
}
