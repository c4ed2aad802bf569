import { type InfiniteData, infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, type DeadLetterDetail, type DeadLetterPage, type LettersNow, PATH, type StatsVerdict, urlOf } from '../../api/api';
import { queryClient } from '../../api/queries';
import { useLook } from '../../live/look';
import { newestFirst } from '../../live/newest-first';
import { filtersOf, type LettersSearch } from './search';

/** As many hours as the bars of a cause show. */
export const HOURS = 24;
const MOST_GROUPS = 200;
const PAGE = 50;

const groupsOf = (search: LettersSearch) => ({
  ...filtersOf(search),
  ...(search.state && { state: search.state }),
  sort: search.sort ?? ('most' as const),
  hours: HOURS,
  limit: MOST_GROUPS,
});

export const groupsQuery = (search: LettersSearch) => {
  const query = groupsOf(search);
  return queryOptions({
    queryKey: ['letters', 'groups', query],
    queryFn: ({ signal }) => api('GET /dead-letters/groups', { query }, signal),
    staleTime: Infinity,
  });
};

/** Keeps the causes as they are now, and where letter by letter is shown, the newest of those. */
export function useToldLetters(search: LettersSearch): StatsVerdict | null {
  const letters = search.view === 'all' ? { letters: 'true', ...(search.group !== undefined && { group: search.group }) } : {};
  return useLook(urlOf('/streams/dead-letters', {}, { ...groupsOf(search), ...letters }).slice(PATH.length), 'dead-letters', (told) => {
    const now = told as LettersNow;
    queryClient.setQueryData(groupsQuery(search).queryKey, now.groups);
    const page = now.letters;
    if (!page) return;
    queryClient.setQueryData<InfiniteData<DeadLetterPage, string | null>>(lettersQuery(search).queryKey, (list) => newestFirst(list, page));
    for (const letter of page.items) queryClient.setQueryData<DeadLetterDetail>(letterQuery(letter.id).queryKey, (one) => one && { ...one, ...letter });
  });
}

export const lettersQuery = (search: LettersSearch) => {
  const isAll = search.view === 'all';
  const query = {
    ...filtersOf(search),
    ...(search.group !== undefined && { group: search.group }),
    ...(isAll ? { redriven: 'true' as const, discarded: 'true' as const } : {}),
    limit: PAGE,
  };
  return infiniteQueryOptions({
    queryKey: ['letters', 'list', query],
    queryFn: ({ pageParam, signal }) => api('GET /dead-letters', { query: { ...query, ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
};

export const letterQuery = (id: string) =>
  queryOptions({ queryKey: ['letters', 'one', id], queryFn: ({ signal }) => api('GET /dead-letters/{id}', { path: { id } }, signal) });

/** After an act: groups, lists and the letter that is shown. */
export async function seeLettersAnew(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ['letters'] });
}
