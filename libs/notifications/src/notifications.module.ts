import { type Logger, SubmitJob, systemClock } from '@app/core';
import type { Store } from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { EmailJob } from './email/email.job.js';
import { EmailLimit } from './email/email-limit.js';
import { EmailSender } from './email/email-sender.js';
import type { NotificationsConfig } from './notifications.config.js';
import { TellOutcomes } from './tell-outcomes.js';
import { DeliverWebhook } from './webhooks/deliver-webhook.js';
import { WebhookJob } from './webhooks/webhook.job.js';
import { WebhookSender } from './webhooks/webhook-sender.js';

/** The kinds whose jobs send outcomes to callers. Every process that runs jobs has them. */
export const notificationKinds = [WebhookJob, EmailJob] as const;

export interface NotificationParts {
  store: Store;
  config: NotificationsConfig;
  logger: Logger;
}

export interface StartedNotifications {
  handlers: [kind: Type<unknown>, handler: object][];
  close(): Promise<void>;
}

const POLL_MS = 500;
const BATCH = 100;

/** Provides the dependencies of the handlers of {@link notificationKinds}, and the loop that makes jobs of outcomes. */
@Module({})
export class NotificationsModule {
  /** For a process that runs jobs for a worker: it has the handlers and not the loop. */
  static forHandlers(parts: NotificationParts): DynamicModule {
    return { module: NotificationsModule, global: true, providers: handlerParts(parts), exports: [DeliverWebhook, EmailSender, EmailLimit] };
  }

  static forRoot(parts: NotificationParts): DynamicModule {
    const telling = { provide: TellOutcomes, inject: [HandlerRegistry], useFactory: (kinds: HandlerRegistry) => tellOutcomes(parts, kinds) };
    return { module: NotificationsModule, global: true, providers: [...handlerParts(parts), telling], exports: [DeliverWebhook, EmailSender, EmailLimit] };
  }
}

function handlerParts(parts: NotificationParts): Provider[] {
  const { store, config } = parts;
  return [
    { provide: WebhookSender, useFactory: () => senderOf(parts) },
    { provide: DeliverWebhook, inject: [WebhookSender], useFactory: (sender: WebhookSender) => deliverBy(sender, parts) },
    { provide: EmailSender, useFactory: () => EmailSender.open(config) },
    { provide: EmailLimit, useFactory: () => new EmailLimit(store.emailCounts, config.email?.perHour ?? 0) },
  ];
}

/** Starts the same without a Nest container, for a process whose container belongs to the host application. */
export async function startNotifications(parts: NotificationParts, kinds: HandlerRegistry): Promise<StartedNotifications> {
  const { store, config } = parts;
  const sender = senderOf(parts);
  const telling = tellOutcomes(parts, kinds);
  const emails = new EmailJob(await EmailSender.open(config), new EmailLimit(store.emailCounts, config.email?.perHour ?? 0));
  telling.onApplicationBootstrap();
  return {
    handlers: [
      [WebhookJob, new WebhookJob(deliverBy(sender, parts))],
      [EmailJob, emails],
    ],
    close: async () => {
      await telling.onModuleDestroy();
      await sender.onModuleDestroy();
    },
  };
}

function senderOf({ store, config }: NotificationParts): WebhookSender {
  return new WebhookSender(config.webhooks, undefined, store.time);
}

function deliverBy(sender: WebhookSender, { store, config }: NotificationParts): DeliverWebhook {
  return new DeliverWebhook({
    deliveries: store.webhookDeliveries,
    endpoints: store.webhookEndpoints,
    sender,
    config: config.webhooks,
    random: Math.random,
    time: store.time,
  });
}

function tellOutcomes({ store, config, logger }: NotificationParts, kinds: HandlerRegistry): TellOutcomes<EntityManager> {
  const submitJob = new SubmitJob<EntityManager>({
    kinds,
    queues: store.queues,
    store: store.submissions,
    // These submissions only join transactions, which report their own errors. The relay's sweep publishes the stored jobs.
    committed: () => undefined,
    classify: () => 'connection',
    maxBatch: BATCH,
  });
  return new TellOutcomes<EntityManager>({
    notices: store.notices,
    endpoints: store.webhookEndpoints,
    deliveries: store.webhookDeliveries,
    submitJob,
    clock: systemClock,
    logger,
    config: { ...config, pollMs: POLL_MS, batch: BATCH },
  });
}
