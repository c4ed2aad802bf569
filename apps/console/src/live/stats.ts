import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type StatsVerdict, type StatsView } from '../api/api';
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

/** The figures of the installation, anew each second by the stream of this tab; `beside`: what else it keeps new. */
export function useStats(...beside: (keyof typeof BESIDE)[]): Stats {
  const [away, setAway] = useState<StatsVerdict | null>(null);
  const { data, dataUpdatedAt, error, refetch } = useQuery({ queryKey: STATS, queryFn: ({ signal }) => api('GET /stats', {}, signal), staleTime: Infinity });
  useStream(`/stats/stream${beside.length === 0 ? '' : `?with=${beside.join(',')}`}`, {
    names: ['stats', 'unavailable', ...beside],
    onEvents: (events) => {
      for (const name of beside) {
        const told = events.findLast((event) => event.name === name);
        if (told) queryClient.setQueryData(BESIDE[name], told.data);
      }
      const last = events.findLast(({ name }) => name === 'stats' || name === 'unavailable');
      if (last?.name === 'unavailable') return setAway((last.data as { verdict: StatsVerdict }).verdict);
      if (!last) return;
      setAway(null);
      queryClient.setQueryData(STATS, last.data);
    },
  });
  return { stats: data, updatedAt: dataUpdatedAt, away, error, refetch: () => void refetch() };
}
