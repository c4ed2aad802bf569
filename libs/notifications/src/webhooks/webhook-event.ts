import type { JobView } from '@app/contracts';
import { jobView, outcomeMessageId } from '@app/views';
import { fitsKind, type Job, uuidv7, type WebhookEndpoint, writeJson } from '@app/core';
import { shortDigest } from '../short-digest.js';

/** The largest body: Standard Webhooks recommends less than 20 kB. */
const MAX_BODY_BYTES = 20_000;

/** A job in a webhook: with absolute links, and without a result that is too large for a webhook. */
export type ToldJob = JobView & { /** The result is too large to be told; `links.self` has it. */ resultOmitted?: true };

export function eventType(job: Pick<Job, 'state'>): string {
  return `job.${job.state}`;
}

/** Whether an endpoint's filters let this outcome pass. */
export function wants({ events, kinds, tags }: Pick<WebhookEndpoint, 'events' | 'kinds' | 'tags'>, job: Pick<Job, 'state' | 'kind' | 'tags'>): boolean {
  return (
    (events.length === 0 || events.includes(eventType(job))) &&
    (kinds.length === 0 || kinds.some((pattern) => fitsKind(pattern, job.kind))) &&
    (tags.length === 0 || tags.some((tag) => job.tags.includes(tag)))
  );
}

/** The id of a webhook. It is always the same for one outcome and one receiver. */
export function webhookId(job: Pick<Job, 'id' | 'state' | 'redrives'>, endpointId: string | null): string {
  return `msg_${shortDigest(`${outcomeMessageId(job)} ${endpointId ?? 'callback'}`)}`;
}

/** The id of a webhook that tells of no outcome: another one each time. */
export function newWebhookMessageId(): string {
  return `msg_${shortDigest(uuidv7())}`;
}

/** The text of a webhook's body. The signature covers this very text. */
export function webhookBody(job: Job, publicUrl: string | null): string {
  const data = toldJob(job, publicUrl);
  return writeJson({ type: eventType(job), timestamp: data.finishedAt, data });
}

export function toldJob(job: Job, publicUrl: string | null): ToldJob {
  const view = jobView(job);
  // The links of a view already begin with the path of PUBLIC_URL.
  const origin = publicUrl === null ? '' : new URL(publicUrl).origin;
  const links = Object.fromEntries(Object.entries(view.links).map(([name, path]) => [name, `${origin}${path}`])) as unknown as JobView['links'];
  const told: ToldJob = { ...view, links };
  if (fits(told)) return told;
  const thin: ToldJob = { ...told, result: null, resultOmitted: true };
  return fits(thin) ? thin : { ...thin, progress: null };
}

function fits(told: ToldJob): boolean {
  return Buffer.byteLength(writeJson(told)) < MAX_BODY_BYTES - 200;
}
