import type { ScheduleNow, SchedulePage } from '../../api/api';
import { withTold } from './told';

const named = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => ({ id: `s${String(from + at).padStart(3, '0')}` }) as ScheduleNow);
const page = (from: number, to: number, nextCursor: string | null): SchedulePage => ({ items: named(from, to), nextCursor });
const ids = ({ pages }: ReturnType<typeof withTold>) => pages.map(({ items }) => [items.at(0)?.id, items.at(-1)?.id]);

describe('what the stream of schedules tells', () => {
  test('is the whole list where nothing comes behind it', () => {
    const told = withTold({ pages: [page(0, 25, 's024'), page(25, 30, null)], pageParams: [null, 's024'] }, { items: named(0, 27), nextCursor: null });
    expect(ids(told)).toEqual([
      ['s000', 's024'],
      ['s025', 's026'],
    ]);
    expect(told.pages.map(({ nextCursor }) => nextCursor)).toEqual(['s024', null]);
    expect(told.pageParams).toEqual([null, 's024']);
  });

  test('takes the place of as many pages as it has, and leaves those behind', () => {
    const list = { pages: [page(0, 25, 's024'), page(25, 50, 's049'), page(50, 60, null)], pageParams: [null, 's024', 's049'] };
    const told = withTold(list, { items: named(1, 51), nextCursor: 's050' });
    expect(ids(told)).toEqual([
      ['s001', 's025'],
      ['s026', 's050'],
      ['s050', 's059'],
    ]);
    expect(told.pageParams).toEqual([null, 's025', 's050']);
  });

  test('is one page without items where there is no schedule', () => {
    expect(withTold(undefined, { items: [], nextCursor: null })).toEqual({ pages: [{ items: [], nextCursor: null }], pageParams: [null] });
  });
});
