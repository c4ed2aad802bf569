import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import { PATH } from '../../api/api';

/** The API says where it shows what it has found; the console has screens for most of that. */
export function ScreenLink({ link, className }: { link: string | null; className: string }): JSX.Element | null {
  const path = link?.slice(PATH.length) ?? '';
  const schedule = /^\/schedules\/([^/?]+)$/.exec(path)?.[1];
  if (schedule !== undefined)
    return (
      <Link className={className} to="/schedules/$id" params={{ id: decodeURIComponent(schedule) }}>
        Look at the schedule
      </Link>
    );
  const [, to, query] = /^(\/(?:jobs|queues|workers|schedules|dead-letters))(?:\?(.*))?$/.exec(path) ?? [];
  if (to === undefined) return null;
  return (
    <Link className={className} to={to} search={Object.fromEntries(new URLSearchParams(query))}>
      Look at {to === '/jobs' ? 'them' : `the ${to.slice(1).replace('-', ' ')}`}
    </Link>
  );
}
