import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import type { LetterGroup, LetterGroupList } from '../../api/api';
import { Time } from '../../parts/time';
import { count, listed, number } from '../../words/words';
import { reasonWords } from '../../words/reason-words';
import { type LettersSearch, without } from './search';
import { Spark } from './spark';

/** The causes, each with how many letters it has and when they came. */
export function Causes({ list, search, opened }: { list: LetterGroupList; search: LettersSearch; opened: string | undefined }): JSX.Element {
  return (
    <ol className="causes">
      {list.items.map((group) => (
        <li key={group.group} className={group.group === opened ? 'on' : undefined}>
          <Link
            className="m cut"
            to="/dead-letters"
            search={{ ...without(search, 'letter', 'tab'), group: group.group }}
            aria-current={group.group === opened || undefined}
            resetScroll={false}
          >
            {group.detail}
          </Link>
          <span className="s cut" title={whatOf(group)}>
            {whatOf(group)}
          </span>
          <Spark hours={group.hours} from={list.hoursFrom} />
          <span className="c">
            {number(group.letters)}
            <span className="unseen"> {group.letters === 1 ? 'letter' : 'letters'}</span>
          </span>
          <span className="s d">
            {group.letters === 1 ? (
              <span>
                once, <Time at={group.firstSeenAt} relative />
              </span>
            ) : (
              <span>
                first <Time at={group.firstSeenAt} />, last <Time at={group.lastSeenAt} relative />
              </span>
            )}
            {group.acknowledged && <span className="badge">{acknowledgedWords(group.acknowledged)}</span>}
          </span>
        </li>
      ))}
      {list.groups > list.items.length && <li className="dim small">and {count(list.groups - list.items.length, 'more cause')}: filter to see them</li>}
    </ol>
  );
}

function acknowledgedWords({ by, since }: NonNullable<LetterGroup['acknowledged']>): string {
  return `known${by === null ? '' : ` to ${by}`}${since > 0 ? `, ${number(since)} since` : ''}`;
}

/** What the letters are of, and where it went wrong: `report.aggregate · verdict.ts:14`. */
export function whatOf({ kinds, source, reason, frame, error, producer }: LetterGroup): string {
  const where = frame === null ? (error ?? reasonWords(reason)) : frame;
  return [
    ...(kinds.length > 0 ? [listed(kinds.slice(0, 3))] : []),
    source === 'job' ? where : `message, ${reasonWords(reason)}`,
    ...(producer === null ? [] : [`from ${producer}`]),
  ].join(' · ');
}
