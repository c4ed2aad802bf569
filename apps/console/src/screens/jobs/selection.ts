import { useState } from 'react';
import type { JobView } from '../../api/api';
import type { JobFilters } from './filters';

/** The jobs that are chosen of those that are shown: what is not to be seen any more is not acted on. */
export interface Selection {
  chosen: readonly JobView[];
  has: (id: string) => boolean;
  /** `isRange`: all from the one that was touched last become as this one does. */
  toggle: (id: string, isRange: boolean) => void;
  /** All that are shown, or none of them. */
  all: (isChosen: boolean) => void;
  clear: () => void;
}

export function useSelection(jobs: readonly JobView[], filters: JobFilters): Selection {
  const [state, setState] = useState<{ of: JobFilters; ids: ReadonlySet<string>; last: string | null }>({ of: filters, ids: new Set(), last: null });
  const { ids, last } = state.of === filters ? state : { ids: new Set<string>(), last: null };
  return {
    chosen: jobs.filter(({ id }) => ids.has(id)),
    has: (id) => ids.has(id),
    toggle: (id, isRange) => setState({ of: filters, ids: touched(jobs, ids, id, isRange ? last : null), last: id }),
    all: (isChosen) => setState({ of: filters, ids: new Set(isChosen ? jobs.map((job) => job.id) : []), last: null }),
    clear: () => setState({ of: filters, ids: new Set(), last: null }),
  };
}

/** What is chosen after one was touched, alone or with all between it and another. */
export function touched(jobs: readonly Pick<JobView, 'id'>[], chosen: ReadonlySet<string>, id: string, from: string | null): Set<string> {
  const after = new Set(chosen);
  const isChosen = !chosen.has(id);
  const ends = [jobs.findIndex((job) => job.id === id), jobs.findIndex((job) => job.id === (from ?? id))];
  // The other has gone from the list.
  const [first, end] = ends.includes(-1) ? [ends[0] ?? 0, ends[0] ?? 0] : [Math.min(...ends), Math.max(...ends)];
  for (const job of jobs.slice(first, end + 1)) after[isChosen ? 'add' : 'delete'](job.id);
  return after;
}
