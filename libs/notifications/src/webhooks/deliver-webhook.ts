import {
  type DeliveryState,
  ownTime,
  type StoreTime,
  type WebhookDeliveries,
  type WebhookDelivery,
  type WebhookEndpoint,
  type WebhookEndpoints,
} from '@app/core';
import { type JobContext, NonRetryableError, RetryableError } from '@app/sdk';
import type { WebhookConfig } from '../notifications.config.js';
import type { SentWebhook, WebhookSender } from './webhook-sender.js';
import { newWebhookSecret } from './webhook-secret.js';

export interface DeliveryDependencies {
  deliveries: Pick<WebhookDeliveries, 'find' | 'record'>;
  endpoints: Pick<WebhookEndpoints, 'find' | 'disable' | 'callbackSecret'>;
  sender: Pick<WebhookSender, 'send'>;
  config: Pick<WebhookConfig, 'scheduleMs' | 'callbackSecrets'>;
  random: () => number;
  /** The clock by which secrets expire. Default: this process's own. */
  time?: StoreTime;
}

/** The result of an attempt, and of the delivery job. */
export type DeliveryResult = { outcome: 'delivered' | 'gone'; status: number } | { outcome: 'dropped'; reason: string };

type Attempting = Pick<JobContext, 'id' | 'tenant' | 'attempt' | 'maxAttempts' | 'signal'>;

/** A receiver that asks for a longer pause is called after the longest delay of the standard schedule. */
const MAX_RETRY_AFTER_MS = 24 * 3_600_000;

/**
 * Makes one attempt of a delivery. Deliveries are at least once: after a crash between the request and its record the webhook is sent again
 * with the same `webhook-id`, by which receivers recognize the repeat. Throws when the delivery job must be retried or become a dead letter.
 */
export class DeliverWebhook {
  constructor(private readonly deps: DeliveryDependencies) {}

  async deliver(id: string, job: Attempting): Promise<DeliveryResult> {
    // A job that was put back with another payload may name any delivery: it gets one of its own tenant alone.
    const delivery = await this.deps.deliveries.find(id, job.tenant);
    if (!delivery) throw new NonRetryableError(`there is no delivery ${id}`, { code: 'delivery_gone' });
    if (delivery.deliveryJobId !== job.id) return { outcome: 'dropped', reason: 'it was replayed by another job' };
    const receiver = await this.receiver(delivery);
    if (typeof receiver === 'string') {
      await this.deps.deliveries.record(id, job.id, null, 'failed', null);
      return { outcome: 'dropped', reason: receiver };
    }
    const sent = await this.deps.sender.send(receiver.url, delivery, receiver.secrets, job.signal);
    return this.conclude(delivery, sent, job);
  }

  private async conclude(delivery: WebhookDelivery, sent: SentWebhook, job: Attempting): Promise<DeliveryResult> {
    const { outcome, attempt } = sent;
    const ended = (state: DeliveryState) => this.deps.deliveries.record(delivery.id, job.id, attempt, state, null);
    switch (outcome) {
      case 'delivered':
        await ended('succeeded');
        return { outcome, status: attempt.status as number };
      case 'gone':
        if (delivery.endpointId !== null) await this.deps.endpoints.disable(delivery.endpointId, 'it answered 410 Gone');
        await ended('failed');
        return { outcome, status: attempt.status as number };
      case 'refused':
        await ended('failed');
        throw new NonRetryableError(attempt.error ?? outcome, { code: 'webhook_refused' });
      case 'failed':
        return this.retry(delivery, sent, job);
    }
  }

  private async retry(delivery: WebhookDelivery, { attempt, retryAfterMs = 0 }: SentWebhook, job: Attempting): Promise<never> {
    const scheduled = this.deps.config.scheduleMs[job.attempt - 1];
    const last = scheduled === undefined || job.attempt >= job.maxAttempts;
    const delayMs = last ? null : Math.max(jittered(scheduled, this.deps.random()), Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
    await this.deps.deliveries.record(delivery.id, job.id, attempt, last ? 'failed' : 'pending', delayMs);
    const message = `${attempt.url}: ${attempt.error ?? 'failed'}`;
    throw delayMs === null ? new NonRetryableError(message, { code: 'webhook_not_delivered' }) : new RetryableError(message, delayMs);
  }

  /** The URL and the secrets that sign now, or the reason why the delivery is dropped. */
  private async receiver({ endpointId, url }: WebhookDelivery): Promise<{ url: string; secrets: readonly string[] } | string> {
    if (endpointId === null) return { url, secrets: await this.callbackSecrets() };
    const endpoint = await this.deps.endpoints.find(endpointId);
    if (!endpoint) return 'its endpoint was removed';
    if (endpoint.disabledAt) return `its endpoint is disabled: ${endpoint.disabledReason ?? ''}`;
    return { url: endpoint.url, secrets: signingSecrets(endpoint, (this.deps.time ?? ownTime).now()) };
  }

  private async callbackSecrets(): Promise<readonly string[]> {
    const { config, endpoints } = this.deps;
    return config.callbackSecrets.length > 0 ? config.callbackSecrets : [await endpoints.callbackSecret(newWebhookSecret())];
  }
}

/** The secrets that have not expired, newest first. `now` is the store's time. */
export function signingSecrets({ secrets }: Pick<WebhookEndpoint, 'secrets'>, now: number): string[] {
  return secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt.getTime() > now).map(({ secret }) => secret);
}

/** Lengthens a delay by up to a tenth, so that receivers that failed at the same time are not called at the same time. */
export function jittered(delayMs: number, random: number): number {
  return Math.round(delayMs * (1 + 0.1 * random));
}
