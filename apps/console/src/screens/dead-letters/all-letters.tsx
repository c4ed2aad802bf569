import type { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import type { DeadLetterView } from '../../api/api';
import { Time } from '../../parts/time';
import { reasonWords } from '../../words/reason-words';
import { type LettersSearch, without } from './search';

interface Props {
  letters: readonly DeadLetterView[];
  search: LettersSearch;
  opened: string | undefined;
  more: Pick<ReturnType<typeof useInfiniteQuery>, 'hasNextPage' | 'isFetchingNextPage' | 'fetchNextPage'>;
}

/** Letter by letter, the newest first: those that wait, and those that were put back or put away. */
export function AllLetters({ letters, search, opened, more }: Props): JSX.Element {
  return (
    <>
      <ol className="causes letters">
        {letters.map((letter) => (
          <li key={letter.id} className={letter.id === opened ? 'on' : undefined}>
            <Link
              className="m cut"
              to="/dead-letters"
              search={{ ...without(search, 'tab'), letter: letter.id }}
              aria-current={letter.id === opened || undefined}
              resetScroll={false}
            >
              {letter.detail}
            </Link>
            <span className="s cut">
              {[letter.kind, letter.source === 'message' ? `message, ${reasonWords(letter.reason)}` : (letter.frame ?? reasonWords(letter.reason))]
                .filter(Boolean)
                .join(' · ')}
            </span>
            <span className="s d">
              <Time at={letter.createdAt} relative />
              {letter.redrivenAt !== null && <span className="badge ok">put back</span>}
              {letter.redrivenAt === null && letter.discardedAt !== null && <span className="badge">put away</span>}
            </span>
          </li>
        ))}
      </ol>
      {more.hasNextPage && (
        <div className="pad">
          <button type="button" className="btn" disabled={more.isFetchingNextPage} onClick={() => void more.fetchNextPage()}>
            Show older
          </button>
        </div>
      )}
    </>
  );
}
