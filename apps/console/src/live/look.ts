import { useState } from 'react';
import type { StatsVerdict } from '../api/api';
import { useStream } from './stream';

/**
 * What a gateway looks at for all who want the same, by the stream of this tab: `tell` gets it at once, and whenever it has changed. Answers why what is
 * shown is from before, while the gateway cannot reach PostgreSQL.
 */
export function useLook(path: string | null, name: string, tell: (told: unknown) => void): StatsVerdict | null {
  const [away, setAway] = useState<StatsVerdict | null>(null);
  useStream(path, {
    names: [name, 'unavailable'],
    onEvents: (events) => {
      const last = events.at(-1);
      if (last?.name === 'unavailable') return setAway((last.data as { verdict: StatsVerdict }).verdict);
      setAway(null);
      if (last) tell(last.data);
    },
  });
  return away;
}
