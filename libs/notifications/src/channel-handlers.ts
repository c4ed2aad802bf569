import type { Store } from '@app/host';
import type { Type } from '@nestjs/common';
import type { NotificationsConfig } from './notifications.config.js';

export type KindWithHandler = [kind: Type<object>, handler: object];

/** The handlers of the channels beside webhooks. Asynchronous, because a channel may load what only it needs. */
export function channelHandlers(store: Store, { channels }: Pick<NotificationsConfig, 'channels'>): Promise<KindWithHandler[]> {
  return Promise.all(Object.values(channels).map(async ({ kind, handler }): Promise<KindWithHandler> => [kind, await handler(store)]));
}
