import { BulkJob, Channels, EraseJob, LettersJob, RekeyJob, Store } from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { StorageModule } from '@app/storage';
import { Inject, Module } from '@nestjs/common';
import { AlertTeller } from './alerts/alert-teller.js';
import { channelHandlers, type KindWithHandler } from './channel-handlers.js';
import { NOTIFICATIONS_CONFIG, type NotificationsConfig } from './notifications.config.js';
import { TellOutcomes } from './tell-outcomes.js';
import { WebhookJob } from './webhooks/webhook.job.js';
import { WebhookSender } from './webhooks/webhook-sender.js';
import { senderProviders, WiredTellAlerts, WiredTellOutcomes } from './wired.js';

const CHANNEL_HANDLERS = Symbol('handlers of the channels');
const KEYS_ARE_HERE = Symbol('the keys of the secrets are here');

/** Makes the handlers of Longhaul's own kinds and attaches them to the registry. Needs the provider `NOTIFICATIONS_CONFIG`, and those of `StorageModule`. */
@Module({
  imports: [StorageModule],
  providers: [
    ...senderProviders,
    // A factory, because channels are a list and their handlers are made asynchronously.
    { provide: CHANNEL_HANDLERS, inject: [Store, NOTIFICATIONS_CONFIG], useFactory: channelHandlers },
    WebhookJob,
    RekeyJob,
    BulkJob,
    LettersJob,
    EraseJob,
  ],
  exports: [Channels, WebhookSender],
})
export class NotificationHandlersModule {
  constructor(
    kinds: HandlerRegistry,
    webhooks: WebhookJob,
    rekey: RekeyJob,
    bulk: BulkJob,
    letters: LettersJob,
    erasures: EraseJob,
    @Inject(CHANNEL_HANDLERS) channels: KindWithHandler[],
  ) {
    kinds.attach(WebhookJob, webhooks);
    kinds.attach(RekeyJob, rekey);
    kinds.attach(BulkJob, bulk);
    kinds.attach(LettersJob, letters);
    kinds.attach(EraseJob, erasures);
    for (const [kind, handler] of channels) kinds.attach(kind, handler);
  }
}

/** Adds the loop that makes jobs of outcomes. The start ends where a secret of a webhook is sealed with a key that is not here: no outcome could be told, and no delivery to it signed. */
@Module({
  imports: [NotificationHandlersModule],
  providers: [
    {
      provide: KEYS_ARE_HERE,
      inject: [Store, NOTIFICATIONS_CONFIG],
      useFactory: ({ webhookEndpoints }: Store, { webhooks }: NotificationsConfig) => webhookEndpoints.requireKeys(webhooks.callbackSecrets.length === 0),
    },
    { provide: TellOutcomes, useClass: WiredTellOutcomes },
    { provide: AlertTeller, useClass: WiredTellAlerts },
  ],
  exports: [NotificationHandlersModule, TellOutcomes, AlertTeller],
})
export class NotificationsModule {}
