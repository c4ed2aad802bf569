import { createHash } from 'node:crypto';
import type { Job, SubmitRequest } from '@app/core';
import { outcomeMessageId } from '@app/views';
import type { Channel } from '../channel.js';
import type { NotificationsConfig } from '../notifications.config.js';
import { toldJob } from '../webhooks/webhook-event.js';
import { EMAIL_KIND } from './email.job.js';
import { recipientFault } from './recipients.js';

type Config = Pick<NotificationsConfig, 'publicUrl' | 'email'>;

/** Sends the outcome of a job to its `notifyEmail`. */
export function emailChannel(config: Config): Channel {
  return {
    fault: (to) => recipientFault(to, config.email),
    tell: (job, to) => ({ request: emailRequest(job, to, config) }),
  };
}

function emailRequest(job: Job, to: string, { publicUrl, email }: Config): SubmitRequest {
  const messageId = createHash('sha256').update(outcomeMessageId(job)).digest('hex').slice(0, 32);
  const { id, kind, state, error, finishedAt } = toldJob(job, publicUrl);
  const told = { error: email?.errorText === true ? (error?.message ?? '') : '', code: error?.code ?? '' };
  return { kind: EMAIL_KIND, payload: { to, messageId, job: { id, kind, state, ...told, finishedAt: finishedAt ?? '' } }, internal: true };
}
