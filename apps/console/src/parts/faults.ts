import { useState } from 'react';
import { ApiError } from '../api/api';

/** What the API has said of single fields: `faults.of('/rate')`. The dialog shows all of it, and the field its own part. */
export function useFaults(): { of: (pointer: string) => string | undefined; while: <Result>(act: () => Promise<Result>) => Promise<Result> } {
  const [faults, setFaults] = useState<Record<string, string>>({});
  return {
    of: (pointer) => faults[pointer],
    while: async (act) => {
      setFaults({});
      try {
        return await act();
      } catch (error) {
        if (error instanceof ApiError) setFaults(Object.fromEntries((error.problem?.errors ?? []).map(({ pointer, detail }) => [pointer, detail])));
        throw error;
      }
    },
  };
}
