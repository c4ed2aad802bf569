import type { DeliveryView, EndpointView, WebhookTest } from '@app/contracts';
import { publicPath, type WebhookDelivery, type WebhookEndpoint } from '@app/core';
import { signingSecrets, type TestedEndpoint } from '@app/notifications';

/** An endpoint without its secrets, which are shown only in the answer that makes or rotates them. `now` is the store's time. */
export function endpointView(endpoint: WebhookEndpoint, now: number): EndpointView {
  const { id, url, description, events, kinds, tags, disabledAt, disabledReason, createdAt } = endpoint;
  return {
    ...{ id, url, description, events, kinds, tags },
    enabled: disabledAt === null,
    disabledAt: disabledAt?.toISOString() ?? null,
    disabledReason,
    secrets: signingSecrets(endpoint, now).length,
    createdAt: createdAt.toISOString(),
    links: { self: publicPath(`/webhooks/endpoints/${id}`), deliveries: publicPath(`/webhooks/deliveries?endpoint=${id}`) },
  };
}

export function deliveryView(delivery: WebhookDelivery): DeliveryView {
  const { id, webhookId, endpointId, jobId, type, url, state, attempts, nextAttemptAt, createdAt, finishedAt, deliveryJobId } = delivery;
  const self = publicPath(`/webhooks/deliveries/${id}`);
  return {
    ...{ id, webhookId, endpointId, jobId, type, url, state, attempts },
    nextAttemptAt: nextAttemptAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    links: {
      ...{ self, replay: `${self}/replay`, deliveryJob: publicPath(`/jobs/${deliveryJobId}`) },
      ...(jobId === null ? {} : { job: publicPath(`/jobs/${jobId}`) }),
      ...(endpointId === null ? {} : { endpoint: publicPath(`/webhooks/endpoints/${endpointId}`) }),
    },
  };
}

export function webhookTest({ outcome, reason, webhookId, attempt, body }: TestedEndpoint): WebhookTest {
  return { delivered: outcome === 'delivered', reason: reason ?? null, webhookId, attempt, body };
}
