import { type DeliveryState, type DeliveryView, type EndpointView, type JobState, PATH } from '../../api/api';
import { duration } from '../../words/words';

/** Which jobs an endpoint is told of. */
export function filterWords({ events, kinds, tags }: Pick<EndpointView, 'events' | 'kinds' | 'tags'>): string {
  const ends = events.flatMap((event) => ENDS[event] ?? []);
  const alerts = events.some((event) => event.startsWith('alert.'));
  if (alerts && ends.length === 0) return 'alerts';
  const of = kinds.length === 0 ? '' : ` of ${kinds.join(' or ')}`;
  const jobs = ends.length === 0 ? `each job${of} that ends` : `jobs${of} that ${ends.join(' or ')}`;
  return `${alerts ? 'alerts, and ' : ''}${jobs}${tags.length === 0 ? '' : `, with tag ${tags.join(' or ')}`}`;
}

const ENDS: Partial<Record<EndpointView['events'][number], string>> = { 'job.succeeded': 'succeed', 'job.failed': 'fail', 'job.cancelled': 'are cancelled' };

/** A delivery looks as a job in its state does. */
export const LOOKS: Record<DeliveryState, JobState> = { pending: 'queued', succeeded: 'succeeded', failed: 'failed' };

/** What its last attempt met: `204 in 0.041 s`, `no answer: nothing listens at its port (connect ECONNREFUSED)`. */
export function lastWords({ attempts }: Pick<DeliveryView, 'attempts'>): string {
  const last = attempts.at(-1);
  if (!last) return 'not sent yet';
  const met = last.status === undefined ? `no answer: ${last.error ?? 'none is kept'}` : `${String(last.status)} in ${duration(last.durationMs)}`;
  return attempts.length === 1 ? met : `${met}, attempt ${String(attempts.length)}`;
}

/** The same call on the command line: the CLI lists and tests endpoints, and changes none. */
export function curlOf(method: string, path: string, body?: unknown): string {
  const data = body === undefined ? '' : ` -H 'content-type: application/json' -d '${JSON.stringify(body).replaceAll("'", `'\\''`)}'`;
  return `curl -X ${method} ${location.origin}${PATH}${path}${data}`;
}
