import type { InfiniteData } from '@tanstack/react-query';
import { PATH, type ScheduleDetail, type SchedulePage, type SchedulesNow, type StatsVerdict, urlOf } from '../../api/api';
import { queryClient } from '../../api/queries';
import { useLook } from '../../live/look';
import { scheduleQuery } from './queries';
import { PAGE, withTold } from './told';

export interface ScheduleFilters {
  kind?: string | undefined;
  paused?: 'true' | 'false' | undefined;
}

/** As many as the stream tells at most: the longest page of the API. */
export const MOST_TOLD = 200;

type Pages = InfiniteData<SchedulePage, string | null>;

export const listKey = (filters: ScheduleFilters) => ['schedules', filters] as const;
/** Apart from the list: what is asked for anew after an act has no ticks, and those that were told stay in sight. */
export const ticksKey = (id: string) => ['ticks', id] as const;

/** Keeps the first `pages` pages of the list as they are now. */
export function useToldSchedules(filters: ScheduleFilters, pages: number): StatsVerdict | null {
  const { kind, paused } = filters;
  return useLook(pathOf({ kind, paused, limit: Math.min(pages * PAGE, MOST_TOLD) }), 'schedules', (told) => {
    const now = told as SchedulesNow;
    queryClient.setQueryData<Pages>(listKey(filters), (list) => withTold(list, now));
    for (const { id, ticks } of now.items) queryClient.setQueryData(ticksKey(id), ticks);
  });
}

/** Keeps one schedule as it is now. What the stream does not tell of it, its next ticks and its payload, is asked for when it has become another. */
export function useToldSchedule(id: string): StatsVerdict | null {
  return useLook(pathOf({ id }), 'schedules', (told) => {
    const [now] = (told as SchedulesNow).items;
    const { queryKey } = scheduleQuery(id);
    const before = queryClient.getQueryData<ScheduleDetail>(queryKey);
    if (now && before) queryClient.setQueryData<ScheduleDetail>(queryKey, { ...before, ...now });
    // One that is gone is asked for as well: the answer says so.
    if (before && (!now || now.revision !== before.revision || now.nextTick !== before.nextTick)) void queryClient.invalidateQueries({ queryKey });
  });
}

function pathOf(query: Record<string, string | number | undefined>): string {
  return urlOf('/streams/schedules', {}, query).slice(PATH.length);
}
