import type { DeliveryPage, DeliveryView } from '../api/api';
import { newestFirst } from './newest-first';

const page = (days: number[], nextCursor: string | null): DeliveryPage => ({
  items: days.map((day) => ({ id: String(day), createdAt: `2026-01-0${String(day)}T00:00:00Z` }) as DeliveryView),
  nextCursor,
});
const list = (...pages: DeliveryPage[]) => ({ pages, pageParams: pages.map((_, at) => (at === 0 ? null : String(at))) });
const shown = ({ pages }: { pages: DeliveryPage[] }) => pages.map(({ items }) => items.map(({ id }) => id).join(''));

describe('a list of deliveries whose first page is told anew', () => {
  test('is that page while no other is shown, or when there is no other any more', () => {
    expect(shown(newestFirst(undefined, page([3, 2], 'c')))).toEqual(['32']);
    expect(shown(newestFirst(list(page([3, 2], 'c')), page([4, 3], 'd')))).toEqual(['43']);
    expect(shown(newestFirst(list(page([3, 2], 'c'), page([1], null)), page([3], null)))).toEqual(['3']);
  });

  test('keeps what new ones have pushed from it, and the cursor after that', () => {
    const told = newestFirst(list(page([4, 3], 'c'), page([2, 1], null)), page([5, 4], 'd'));
    expect([shown(told), told.pages[0]?.nextCursor]).toEqual([['543', '21'], 'c']);
  });

  test('loses what no longer fits its filters', () => {
    expect(shown(newestFirst(list(page([5, 4], 'c'), page([2, 1], null)), page([5, 3], 'd')))).toEqual(['53', '21']);
  });
});
