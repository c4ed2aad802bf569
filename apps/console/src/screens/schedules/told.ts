import type { InfiniteData } from '@tanstack/react-query';
import type { SchedulePage, SchedulesNow, ScheduleView } from '../../api/api';

export const PAGE = 25;

/** The list with what the stream has told of its first schedules, in pages as they were asked for. What lies behind them stays as it was. */
export function withTold(
  list: InfiniteData<SchedulePage, string | null> | undefined,
  { items, nextCursor }: SchedulesNow,
): InfiniteData<SchedulePage, string | null> {
  const pages: SchedulePage[] = [];
  for (let from = 0; from === 0 || from < items.length; from += PAGE) {
    const page: ScheduleView[] = items.slice(from, from + PAGE);
    pages.push({ items: page, nextCursor: from + PAGE < items.length ? (page.at(-1)?.id ?? null) : nextCursor });
  }
  const behind = nextCursor === null ? [] : (list?.pages.slice(pages.length) ?? []);
  const all = [...pages, ...behind];
  return { pages: all, pageParams: [null, ...all.slice(0, -1).map((page) => page.nextCursor)] };
}
