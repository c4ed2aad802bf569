import { CHANNELS } from './channel-list.js';
import { WebhookJob } from './webhooks/webhook.job.js';

/** The kinds whose jobs send outcomes to callers. Every process that runs jobs has them. */
export const notificationKinds = [WebhookJob, ...CHANNELS.map(({ kind }) => kind)] as const;
