import type { Logger, StoredContents } from '@app/core';
import { BulkJob, EraseJob, LettersJob, RekeyJob, type RuntimeConfig, type Store } from '@app/host';
import type { HandlerRegistry } from '@app/sdk';
import type { Type } from '@nestjs/common';
import { channelHandlers } from './channel-handlers.js';
import type { NotificationsConfig } from './notifications.config.js';
import { WebhookJob } from './webhooks/webhook.job.js';
import { WiredChannels, WiredDeliverWebhook, WiredTellOutcomes, WiredWebhookSender } from './wired.js';

export interface NotificationParts {
  store: Store;
  config: NotificationsConfig;
  /** Of the process. */
  runtime: RuntimeConfig;
  logger: Logger;
  contents: StoredContents;
}

export interface StartedNotifications {
  handlers: [kind: Type<unknown>, handler: object][];
  close(): Promise<void>;
}

/** Starts the same without a Nest container, for a process whose container belongs to the host application. */
export async function startNotifications(
  { store, config, runtime, logger, contents }: NotificationParts,
  kinds: HandlerRegistry,
): Promise<StartedNotifications> {
  await store.webhookEndpoints.requireKeys(config.webhooks.callbackSecrets.length === 0);
  const sender = new WiredWebhookSender(store, config);
  const telling = new WiredTellOutcomes(store, kinds, config, logger);
  const channels = await channelHandlers(store, config);
  telling.start();
  return {
    handlers: [
      [WebhookJob, new WebhookJob(new WiredDeliverWebhook(store, sender, config))],
      [RekeyJob, new RekeyJob(store)],
      [BulkJob, new BulkJob(store)],
      [LettersJob, new LettersJob(store, kinds, new WiredChannels(config), runtime)],
      [EraseJob, new EraseJob(store, contents)],
      ...channels,
    ],
    close: async () => {
      await telling.close();
      await sender.close();
    },
  };
}
