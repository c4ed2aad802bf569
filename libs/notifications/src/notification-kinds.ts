import { EmailJob } from './email/email.job.js';
import { WebhookJob } from './webhooks/webhook.job.js';

/** The kinds whose jobs send outcomes to callers. Every process that runs jobs has them. */
export const notificationKinds = [WebhookJob, EmailJob] as const;
