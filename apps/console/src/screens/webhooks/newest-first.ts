import type { InfiniteData } from '@tanstack/react-query';
import type { DeliveryPage } from '../../api/api';

/**
 * The list with its first page as it is now. What has slipped from it to the next pages stays where it can be seen; what should still be on it and is
 * not, no longer fits the filters.
 */
export function newestFirst<Pages extends InfiniteData<DeliveryPage, string | null>>(list: Pages | undefined, page: DeliveryPage): Pages {
  const [first, ...others] = list?.pages ?? [];
  if (!list || !first || others.length === 0 || page.nextCursor === null) return { pages: [page], pageParams: [null] } as unknown as Pages;
  const oldest = page.items.at(-1)?.createdAt ?? '';
  const listed = new Set(page.items.map(({ id }) => id));
  const slipped = first.items.filter(({ id, createdAt }) => !listed.has(id) && createdAt <= oldest);
  return { ...list, pages: [{ items: [...page.items, ...slipped], nextCursor: first.nextCursor }, ...others] };
}
