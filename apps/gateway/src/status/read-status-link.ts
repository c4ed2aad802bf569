import { STATUS_TITLE_MAX } from '@app/contracts/schemas';
import { type Fault, got, parseTime, PRINTABLE, Refusal } from '@app/core';
import { STATUS_LINK_MAX_DAYS, STATUS_PARTS, type StatusLink, type StatusPart } from '@app/host';
import { cronPatterns } from '@app/sdk';
import { bodyFields } from '../http/body-fields.js';

const DAY_MS = 86_400_000;

/** Reads the optional body of a new link. Refuses with a pointer for each fault. `now`: the store's time. */
export function readStatusLink(body: unknown, now: number, usualMs: number): Omit<StatusLink, 'jobId'> {
  const { title, shows = [], expiresAt, timezone = 'UTC' } = bodyFields(body, ['title', 'shows', 'expiresAt', 'timezone']);
  const until = expiresAt === undefined ? now + usualMs : typeof expiresAt === 'string' ? parseTime(expiresAt)?.getTime() : undefined;
  const faults: Fault[] = [...titleFaults(title), ...partFaults(shows), ...endFaults(until, now, expiresAt)];
  if (typeof timezone !== 'string' || !cronPatterns.isZone(timezone))
    faults.push({ pointer: '/timezone', detail: `must be the name of a time zone, such as Europe/Berlin${got(timezone)}` });
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the link is not valid', faults);
  return { title: (title as string | undefined) ?? null, shows: shows as StatusPart[], until: until as number, timezone: timezone as string };
}

function titleFaults(title: unknown): Fault[] {
  if (title === undefined) return [];
  if (typeof title === 'string' && title.trim() !== '' && title.length <= STATUS_TITLE_MAX && PRINTABLE.test(title)) return [];
  return [{ pointer: '/title', detail: `must be a printable text of 1 to ${STATUS_TITLE_MAX} characters` }];
}

function partFaults(shows: unknown): Fault[] {
  const known: readonly unknown[] = STATUS_PARTS;
  if (Array.isArray(shows) && shows.every((part) => known.includes(part)) && new Set(shows).size === shows.length) return [];
  return [{ pointer: '/shows', detail: `must be a list of ${STATUS_PARTS.join(' and ')}, each once${got(shows)}` }];
}

function endFaults(until: number | undefined, now: number, given: unknown): Fault[] {
  if (until !== undefined && until > now && until <= now + STATUS_LINK_MAX_DAYS * DAY_MS) return [];
  return [
    {
      pointer: '/expiresAt',
      detail: `must be an RFC 3339 time with its offset, such as 2026-01-31T08:00:00Z, within the next ${STATUS_LINK_MAX_DAYS} days${got(given)}`,
    },
  ];
}
