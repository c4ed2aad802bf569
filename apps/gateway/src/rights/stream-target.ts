import { Refusal } from '@app/core';
import { pathOf } from '../http/target.js';

const PARAMETER = 'ticket';
/** A reader that comes again says where it stands: that is no part of what it may read. */
const RESUMES = 'lastEventId';
const LONGEST = 1_000;

/** The streams that a ticket opens, with the route that says what right each needs. */
const STREAMS: readonly [path: RegExp, route: string][] = [
  [/^\/jobs\/events$/, '/jobs/events'],
  [/^\/jobs\/[\w-]{1,64}\/events$/, '/jobs/:id/events'],
  [/^\/stats\/stream$/, '/stats/stream'],
  [/^\/webhooks\/stream$/, '/webhooks/stream'],
  [/^\/streams\/schedules$/, '/streams/schedules'],
  [/^\/streams\/dead-letters$/, '/streams/dead-letters'],
  [/^\/streams\/audit$/, '/streams/audit'],
  [/^\/streams\/keys$/, '/streams/keys'],
  [/^\/ws$/, '/ws'],
];

/** What a ticket is bound to: the path and the filter, in one form however they were written. */
export interface StreamTarget {
  text: string;
  route: string;
}

/** The stream that a caller wants a ticket for. Throws `Refusal`. */
export function readStreamTarget(url: unknown): StreamTarget {
  const refused = (detail: string) => new Refusal('invalid_payload', 'expected the path of a stream', [{ pointer: '/url', detail }]);
  if (typeof url !== 'string' || url.length > LONGEST) throw refused(`must be text of at most ${LONGEST} characters`);
  const route = STREAMS.find(([path]) => path.test(pathOf(url)))?.[1];
  if (route === undefined) throw refused(`must be ${STREAMS.map(([, path]) => path.replace(':id', '<id>')).join(', ')}, with its filter as the query`);
  return { text: targetOf(url), route };
}

/** As the ticket has it. */
export function targetOf(url: string): string {
  const parameters = parametersOf(url);
  parameters.delete(PARAMETER);
  parameters.delete(RESUMES);
  parameters.sort();
  const query = parameters.toString();
  return query === '' ? pathOf(url) : `${pathOf(url)}?${query}`;
}

/** The ticket in the query of a request for a stream; undefined where there is none, and for every other route. */
export function ticketIn(url: string): string | undefined {
  if (!url.includes(`${PARAMETER}=`) || !STREAMS.some(([path]) => path.test(pathOf(url)))) return undefined;
  return parametersOf(url).get(PARAMETER) ?? undefined;
}

/** The same address with a ticket, for the browser. */
export function withTicket(url: string, ticket: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${PARAMETER}=${ticket}`;
}

function parametersOf(url: string): URLSearchParams {
  return new URLSearchParams(url.slice(pathOf(url).length + 1));
}
