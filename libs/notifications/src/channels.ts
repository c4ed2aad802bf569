import type { Job, WebhookEndpoint } from '@app/core';
import type { Channel, Telling } from './channel.js';
import type { NotificationsConfig } from './notifications.config.js';
import { endpointTellings, webhookChannel } from './webhooks/webhook-channel.js';

/** The channels by which an installation tells outcomes, by the name that entries of `notify` have. Replies are the broker's. */
export function channelsOf(config: ChannelConfig): Readonly<Record<string, Channel>> {
  return { ...config.channels, webhook: webhookChannel(config) };
}

export type ChannelConfig = Pick<NotificationsConfig, 'publicUrl' | 'webhooks' | 'channels'>;

/** Everything that a job's outcome sets off: a webhook for each endpoint that wants it, and whatever the entries of the job ask for. */
export function tellingsOf(job: Job, endpoints: WebhookEndpoint[], config: ChannelConfig): Telling[] {
  const channels = channelsOf(config);
  return [...endpointTellings(job, endpoints, config), ...job.notify.flatMap(({ channel, to }) => channels[channel]?.tell(job, to) ?? [])];
}
