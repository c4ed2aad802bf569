import { type InfiniteData, useInfiniteQuery } from '@tanstack/react-query';
import { type JSX, useEffect } from 'react';
import type { DeadLetterPage, DeadLetterView } from '../../api/api';
import { Icon } from '../../parts/icon';
import { number } from '../../words/words';
import { lettersQuery } from './queries';
import type { LettersSearch } from './search';

export function itemsOf(data: InfiniteData<DeadLetterPage> | undefined): DeadLetterView[] {
  return data?.pages.flatMap(({ items }) => items) ?? [];
}

/** Which letter of a cause it is, and the way to those before and after it. */
export function Pager({ search, letter, total, go }: { search: LettersSearch; letter: string; total: number; go: (letter: string) => void }): JSX.Element {
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(lettersQuery(search));
  const items = itemsOf(data);
  const at = items.findIndex(({ id }) => id === letter);
  const isNearEnd = at >= items.length - 2;
  useEffect(() => {
    if (isNearEnd && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [isNearEnd, hasNextPage, isFetchingNextPage, fetchNextPage]);
  const [before, after] = [items[at - 1], at < 0 ? items[0] : items[at + 1]];
  return (
    <>
      <button type="button" className="btn quiet tiny square" aria-label="The letter before" disabled={!before} onClick={() => before && go(before.id)}>
        <Icon name="left" />
      </button>
      <span className="small mid nowrap" role="status">
        {at < 0 ? `of ${number(total)}` : `${number(at + 1)} of ${number(Math.max(total, at + 1))}`}
      </span>
      <button type="button" className="btn quiet tiny square" aria-label="The next letter" disabled={!after} onClick={() => after && go(after.id)}>
        <Icon name="right" />
      </button>
    </>
  );
}
