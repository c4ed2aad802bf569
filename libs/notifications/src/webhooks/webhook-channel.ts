import { ALL_TENANTS, DEFAULT_TENANT, type Job, readHttpUrl, type SubmitRequest, uuidv7, type WebhookEndpoint } from '@app/core';
import { allowsHost, assertPublicHost, portOf } from '@app/sdk';
import type { Channel, Telling } from '../channel.js';
import type { NotificationsConfig, WebhookConfig } from '../notifications.config.js';
import { eventType, wants, webhookBody, webhookId } from './webhook-event.js';
import { WEBHOOK_KIND } from './webhook.job.js';

type Config = Pick<NotificationsConfig, 'publicUrl' | 'webhooks'>;

/** Sends the outcome of a job to its `callbackUrl`. */
export function webhookChannel(config: Config): Channel {
  return {
    fault: (to) => receiverFault(to, config.webhooks),
    tell: (job, to) => telling(job, null, to, config),
  };
}

/** One of the whole installation hears of alerts, and of jobs of the tenant that was the only one. */
function hearsOf({ tenant }: WebhookEndpoint, job: Job): boolean {
  return tenant === job.tenant || (tenant === ALL_TENANTS && job.tenant === DEFAULT_TENANT);
}

/** A webhook for each registered endpoint of the job's tenant that wants this outcome. */
export function endpointTellings(job: Job, endpoints: WebhookEndpoint[], config: Config): Telling[] {
  return endpoints.filter((endpoint) => hearsOf(endpoint, job) && wants(endpoint, job)).map(({ id, url }) => telling(job, id, url, config));
}

function telling(job: Job, endpointId: string | null, url: string, { publicUrl, webhooks }: Config): Telling {
  const id = uuidv7();
  return {
    request: deliveryRequest(id, job.tenant, webhooks),
    delivery: {
      id,
      webhookId: webhookId(job, endpointId),
      endpointId,
      jobId: job.id,
      type: eventType(job),
      url,
      body: webhookBody(job, publicUrl),
      tenant: job.tenant,
    },
  };
}

export function deliveryRequest(delivery: string, tenant: string, { scheduleMs }: Pick<WebhookConfig, 'scheduleMs'>): SubmitRequest {
  return { kind: WEBHOOK_KIND, payload: { delivery }, options: { maxAttempts: scheduleMs.length + 1 }, tenant, internal: true };
}

/** Why webhooks are never sent to this URL, judged by its text alone; undefined when they may be. Its host is resolved and checked again for each request. */
export function receiverFault(text: string, { policy, requireHttps }: Pick<WebhookConfig, 'policy' | 'requireHttps'>): string | undefined {
  const read = readHttpUrl(text);
  if ('fault' in read) return read.fault;
  const { url } = read;
  if (requireHttps && url.protocol !== 'https:') return 'must be an https URL';
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
  if (/^(.+\.)?localhost\.?$/.test(url.hostname) && !allowsHost(policy, url.hostname, portOf(url))) return 'must not be a host of the inner network';
  try {
    assertPublicHost(url, policy);
    return undefined;
  } catch {
    return 'must not be an address of the inner network, which is not a public address';
  }
}
