import { createHash } from 'node:crypto';
import { outcomeMessageId } from '@app/views';
import { type Job, type NewDelivery, type SubmitRequest, uuidv7, type WebhookEndpoint } from '@app/core';
import type { NotificationsConfig, WebhookConfig } from './notifications.config.js';
import { EMAIL_KIND } from './email/email.job.js';
import { eventType, toldJob, wants, webhookBody, webhookId } from './webhooks/webhook-event.js';
import { WEBHOOK_KIND } from './webhooks/webhook.job.js';

/** A job of Longhaul's own that sends one outcome to one receiver; with `delivery` where it is a webhook. */
export interface Telling {
  request: SubmitRequest;
  delivery?: Omit<NewDelivery, 'deliveryJobId'>;
}

/** All jobs that send an outcome: a webhook for each endpoint whose filters match and for the callback URL, and an e-mail. */
export function tellingsOf(job: Job, endpoints: WebhookEndpoint[], config: Pick<NotificationsConfig, 'publicUrl' | 'webhooks' | 'email'>): Telling[] {
  const receivers: { endpointId: string | null; url: string }[] = endpoints
    .filter((endpoint) => wants(endpoint, job))
    .map(({ id, url }) => ({ endpointId: id, url }));
  if (job.callbackUrl !== null) receivers.push({ endpointId: null, url: job.callbackUrl });
  const tellings = receivers.map(({ endpointId, url }): Telling => {
    const id = uuidv7();
    return {
      request: deliveryRequest(id, config.webhooks),
      delivery: { id, webhookId: webhookId(job, endpointId), endpointId, jobId: job.id, type: eventType(job), url, body: webhookBody(job, config.publicUrl) },
    };
  });
  if (job.notifyEmail !== null) tellings.push({ request: emailRequest(job, job.notifyEmail, config) });
  return tellings;
}

export function deliveryRequest(delivery: string, { scheduleMs }: Pick<WebhookConfig, 'scheduleMs'>): SubmitRequest {
  return { kind: WEBHOOK_KIND, payload: { delivery }, options: { maxAttempts: scheduleMs.length + 1 }, internal: true };
}

function emailRequest(job: Job, to: string, { publicUrl, email }: Pick<NotificationsConfig, 'publicUrl' | 'email'>): SubmitRequest {
  const messageId = createHash('sha256').update(outcomeMessageId(job)).digest('hex').slice(0, 32);
  const { id, kind, state, error, finishedAt } = toldJob(job, publicUrl);
  const told = { error: email?.errorText === true ? (error?.message ?? '') : '', code: error?.code ?? '' };
  return { kind: EMAIL_KIND, payload: { to, messageId, job: { id, kind, state, ...told, finishedAt: finishedAt ?? '' } }, internal: true };
}
