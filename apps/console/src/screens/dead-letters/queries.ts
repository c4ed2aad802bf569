import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api } from '../../api/api';
import { queryClient } from '../../api/queries';
import { filtersOf, type LettersSearch } from './search';

const LOOK_MS = 5_000;
/** As many hours as the bars of a cause show. */
export const HOURS = 24;
const MOST_GROUPS = 200;
const PAGE = 50;

export const groupsQuery = (search: LettersSearch) => {
  const query = {
    ...filtersOf(search),
    ...(search.state && { state: search.state }),
    sort: search.sort ?? ('most' as const),
    hours: HOURS,
    limit: MOST_GROUPS,
  };
  return queryOptions({
    queryKey: ['letters', 'groups', query],
    queryFn: ({ signal }) => api('GET /dead-letters/groups', { query }, signal),
    refetchInterval: LOOK_MS,
  });
};

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
