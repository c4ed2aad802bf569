import type { InfiniteData } from '@tanstack/react-query';

/** Lists say under one of two names when something was. */
interface Page {
  items: readonly { id: string; createdAt?: string; at?: string }[];
  nextCursor: string | null;
}

/**
 * The list with its first page as it is now. What has slipped from it to the next pages stays where it can be seen; what should still be on it and is
 * not, no longer fits the filters.
 */
export function newestFirst<Of extends Page, Pages extends InfiniteData<Of, string | null>>(list: Pages | undefined, page: Of): Pages {
  const [first, ...others] = list?.pages ?? [];
  if (!list || !first || others.length === 0 || page.nextCursor === null) return { pages: [page], pageParams: [null] } as unknown as Pages;
  const oldest = timeOf(page.items.at(-1));
  const listed = new Set(page.items.map(({ id }) => id));
  const slipped = first.items.filter((item) => !listed.has(item.id) && timeOf(item) <= oldest);
  return { ...list, pages: [{ items: [...page.items, ...slipped], nextCursor: first.nextCursor }, ...others] };
}

function timeOf(item: Page['items'][number] | undefined): string {
  return item?.createdAt ?? item?.at ?? '';
}
