import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type JobView, type ProblemFault, writeExact } from '../../api/api';
import { faultsOf, tryOut } from '../../api/try-out';
import { useSettled } from '../../parts/settled';

export interface Sent {
  job: JobView;
  isReplayed: boolean;
}

/** What the gateway says of it while it is written, and what it has said when it was submitted. */
export function useSubmission(body: Parameters<typeof tryOut>[0], headers: Record<string, string>) {
  const request = writeExact([body, headers]);
  const later = useSettled(request);
  const check = useQuery({
    queryKey: ['try-out', later],
    queryFn: ({ signal }) => tryOut(body, headers, signal),
    placeholderData: keepPreviousData,
    enabled: later === request,
    refetchInterval: 10_000,
  });
  const [refused, setRefused] = useState<{ of: string; faults: ProblemFault[] } | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [done, setDone] = useState<Sent | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (): Promise<boolean> => {
    setBusy(true);
    setFailure(null);
    setDone(null);
    try {
      const job = await api('POST /jobs', { body, headers });
      setDone({ job, isReplayed: check.data?.run?.existing === job.id });
      void check.refetch();
      return true;
    } catch (error) {
      try {
        setRefused({ of: request, faults: faultsOf(error) });
      } catch (other) {
        setFailure(other);
      }
      return false;
    } finally {
      setBusy(false);
    }
  };
  const faults = refused?.of === request ? refused.faults : (check.data?.faults ?? []);
  const isFresh = later === request && !check.isPlaceholderData && check.data !== undefined;
  return { faults, isFresh, tried: faults.length === 0 ? (check.data?.run ?? null) : null, error: failure ?? check.error, submit, done, isBusy };
}
