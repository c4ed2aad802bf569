/** A page of `limit`, of what was found where one more was asked for: that one says whether there is a next page. `placeOf`: behind which that begins. */
export function pageOf<Item>(found: readonly Item[], limit: number, placeOf: (item: Item) => string): { items: Item[]; nextCursor: string | null } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last !== undefined ? placeOf(last) : null };
}
