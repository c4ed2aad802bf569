import { Channels } from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { Module } from '@nestjs/common';
import { EmailJob } from './email/email.job.js';
import { EmailSender } from './email/email-sender.js';
import { NOTIFICATIONS_CONFIG, type NotificationsConfig } from './notifications.config.js';
import { TellOutcomes } from './tell-outcomes.js';
import { WebhookJob } from './webhooks/webhook.job.js';
import { WebhookSender } from './webhooks/webhook-sender.js';
import { senderProviders, WiredTellOutcomes } from './wired.js';

/** Makes the handlers of the notification kinds and attaches them to the registry. Needs the provider `NOTIFICATIONS_CONFIG`. */
@Module({
  providers: [
    ...senderProviders,
    // A factory, because nodemailer is loaded before the sender can be constructed.
    { provide: EmailSender, inject: [NOTIFICATIONS_CONFIG], useFactory: (config: NotificationsConfig) => EmailSender.open(config) },
    WebhookJob,
    EmailJob,
  ],
  exports: [Channels, WebhookSender],
})
export class NotificationHandlersModule {
  constructor(kinds: HandlerRegistry, webhooks: WebhookJob, emails: EmailJob) {
    kinds.attach(WebhookJob, webhooks);
    kinds.attach(EmailJob, emails);
  }
}

/** Adds the loop that makes jobs of outcomes. */
@Module({
  imports: [NotificationHandlersModule],
  providers: [{ provide: TellOutcomes, useClass: WiredTellOutcomes }],
  exports: [NotificationHandlersModule, TellOutcomes],
})
export class NotificationsModule {}
