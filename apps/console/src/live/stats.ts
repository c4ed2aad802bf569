import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type StatsVerdict, type StatsView } from '../api/api';
import { queryClient } from '../api/queries';
import { useStream } from './stream';

export const STATS = ['stats'] as const;

interface Stats {
  stats: StatsView | undefined;
  /** Set while the gateway cannot reach PostgreSQL: `stats` is then from before. */
  away: StatsVerdict | null;
  /** When they came. */
  updatedAt: number;
  error: Error | null;
  refetch: () => void;
}

/** The figures of the installation, anew each second by the stream of this tab. */
export function useStats(): Stats {
  const [away, setAway] = useState<StatsVerdict | null>(null);
  const { data, dataUpdatedAt, error, refetch } = useQuery({ queryKey: STATS, queryFn: ({ signal }) => api('GET /stats', {}, signal), staleTime: Infinity });
  useStream('/stats/stream', {
    names: ['stats', 'unavailable'],
    onEvents: (events) => {
      const last = events.at(-1);
      if (last?.name === 'unavailable') return setAway((last.data as { verdict: StatsVerdict }).verdict);
      setAway(null);
      if (last) queryClient.setQueryData(STATS, last.data);
    },
  });
  return { stats: data, updatedAt: dataUpdatedAt, away, error, refetch: () => void refetch() };
}
