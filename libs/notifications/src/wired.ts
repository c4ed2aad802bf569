import { type Logger, type NotifyChannels, SubmitJob, systemClock } from '@app/core';
import { Channels, LOGGER, Store } from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { Inject, Injectable, type Provider } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AlertTeller } from './alerts/alert-teller.js';
import { channelsOf } from './channels.js';
import { NOTIFICATIONS_CONFIG, type NotificationsConfig } from './notifications.config.js';
import { TellOutcomes } from './tell-outcomes.js';
import { DeliverWebhook } from './webhooks/deliver-webhook.js';
import { WebhookSender } from './webhooks/webhook-sender.js';

const POLL_MS = 500;
const BATCH = 100;

// Classes of this library that do not know Nest, each with a constructor that Nest can fill.

@Injectable()
export class WiredChannels extends Channels {
  override readonly byName: NotifyChannels;

  constructor(@Inject(NOTIFICATIONS_CONFIG) config: NotificationsConfig) {
    super();
    this.byName = channelsOf(config);
  }
}

@Injectable()
export class WiredWebhookSender extends WebhookSender {
  constructor(store: Store, @Inject(NOTIFICATIONS_CONFIG) { webhooks }: NotificationsConfig) {
    super(webhooks, undefined, store.time);
  }
}

@Injectable()
export class WiredDeliverWebhook extends DeliverWebhook {
  constructor(store: Store, sender: WebhookSender, @Inject(NOTIFICATIONS_CONFIG) { webhooks }: NotificationsConfig) {
    super({ deliveries: store.webhookDeliveries, endpoints: store.webhookEndpoints, sender, config: webhooks, random: Math.random, time: store.time });
  }
}

@Injectable()
export class WiredTellOutcomes extends TellOutcomes<EntityManager> {
  constructor(store: Store, kinds: HandlerRegistry, @Inject(NOTIFICATIONS_CONFIG) config: NotificationsConfig, @Inject(LOGGER) logger: Logger) {
    super({
      notices: store.notices,
      endpoints: store.webhookEndpoints,
      deliveries: store.webhookDeliveries,
      submitJob: joiningSubmissions(store, kinds),
      clock: systemClock,
      logger,
      config: { ...config, pollMs: POLL_MS, batch: BATCH },
    });
  }
}

@Injectable()
export class WiredTellAlerts extends AlertTeller<EntityManager> {
  constructor(store: Store, kinds: HandlerRegistry, @Inject(NOTIFICATIONS_CONFIG) config: NotificationsConfig) {
    super({ endpoints: store.webhookEndpoints, deliveries: store.webhookDeliveries, submitJob: joiningSubmissions(store, kinds), config });
  }
}

/** These submissions only join transactions, which report their own errors. The relay's sweep publishes the stored jobs. */
function joiningSubmissions(store: Store, kinds: HandlerRegistry): SubmitJob<EntityManager> {
  return new SubmitJob<EntityManager>({
    kinds,
    queues: store.queues,
    store: store.submissions,
    committed: () => undefined,
    classify: () => 'connection',
    maxBatch: BATCH,
  });
}

/** The dependencies of the webhook handler, and the channels as the doors know them. */
export const senderProviders: Provider[] = [
  { provide: Channels, useClass: WiredChannels },
  { provide: WebhookSender, useClass: WiredWebhookSender },
  { provide: DeliverWebhook, useClass: WiredDeliverWebhook },
];
