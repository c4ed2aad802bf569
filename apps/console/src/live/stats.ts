import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type LimitDetail, type LimitNow, PATH, type StatsVerdict, type StatsView, urlOf } from '../api/api';
import { kindsQuery, queryClient } from '../api/queries';
import { useStream } from './stream';

export const STATS = ['stats'] as const;
export const WORKERS = ['workers'] as const;
export const LIMITS = ['limits'] as const;
export const ALERTS = ['alerts'] as const;

interface Stats {
  stats: StatsView | undefined;
  /** Set while the gateway cannot reach PostgreSQL: `stats` is then from before. */
  away: StatsVerdict | null;
  /** When they came. */
  updatedAt: number;
  error: Error | null;
  refetch: () => void;
}

/** What can be told beside the figures, and where it is kept. */
const BESIDE = { workers: WORKERS, limits: LIMITS, kinds: kindsQuery.queryKey, alerts: ALERTS } as const;

export const limitKey = (name: string) => ['limit', name] as const;

function told(limit: string, { limit: detail }: LimitNow): void {
  // Of one that is gone the answer says so.
  if (detail === null) void queryClient.invalidateQueries({ queryKey: limitKey(limit) });
  else queryClient.setQueryData<LimitDetail>(limitKey(limit), detail);
}

/** The figures of the installation, anew each second and when something has changed, by the stream of this tab; `beside`: what else it keeps new; `limit`: that one with its keys. */
export function useStats(beside: readonly (keyof typeof BESIDE)[], limit?: string): Stats {
  const [away, setAway] = useState<StatsVerdict | null>(null);
  const { data, dataUpdatedAt, error, refetch } = useQuery({ queryKey: STATS, queryFn: ({ signal }) => api('GET /stats', {}, signal), staleTime: Infinity });
  useStream(urlOf('/stats/stream', {}, { with: beside.join(','), limit }).slice(PATH.length), {
    names: ['stats', 'unavailable', 'limit', ...beside],
    onEvents: (events) => {
      for (const name of beside) {
        const last = events.findLast((event) => event.name === name);
        if (last) queryClient.setQueryData(BESIDE[name], last.data);
      }
      const ofLimit = events.findLast(({ name }) => name === 'limit');
      if (ofLimit && limit !== undefined) told(limit, ofLimit.data as LimitNow);
      const last = events.findLast(({ name }) => name === 'stats' || name === 'unavailable');
      if (last?.name === 'unavailable') return setAway((last.data as { verdict: StatsVerdict }).verdict);
      if (!last) return;
      setAway(null);
      queryClient.setQueryData(STATS, last.data);
    },
  });
  return { stats: data, updatedAt: dataUpdatedAt, away, error, refetch: () => void refetch() };
}
