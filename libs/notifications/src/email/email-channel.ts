import { ALL_TENANTS, type Job, type SubmitRequest } from '@app/core';
import { outcomeMessageId } from '@app/views';
import type { ChannelFolder, ToldAlert } from '../channel.js';
import { shortDigest } from '../short-digest.js';
import { toldJob } from '../webhooks/webhook-event.js';
import { alertEmails, EMAIL_VARIABLES, emailConfig } from './email.config.js';
import { EMAIL_KIND, EmailJob } from './email.job.js';
import { EmailLimit } from './email-limit.js';
import { EmailSender } from './email-sender.js';
import { recipientFault } from './recipients.js';

/** Sends the outcome of a job to its `notifyEmail`. */
export const emailChannel: ChannelFolder = {
  name: 'email',
  kind: EmailJob,
  variables: EMAIL_VARIABLES,
  configure: (env, publicUrl) => {
    const config = emailConfig(env, publicUrl);
    const told = { publicUrl, errorText: config?.errorText === true };
    return {
      fault: (to) => recipientFault(to, config),
      tell: (job, to) => ({ request: emailRequest(job, to, told) }),
      alertsTo: alertEmails(env, config),
      tellAlert: alertRequest,
      handler: async (store) =>
        new EmailJob(
          await EmailSender.open(config),
          new EmailLimit(store.recipientCounts, config?.perHour ?? 0, (tenant) => store.knownQuotas.limit(tenant, 'emailsPerHour')),
        ),
    };
  },
};

function alertRequest(alert: ToldAlert, type: string, to: string): SubmitRequest {
  const messageId = shortDigest(`${alert.id} ${type} ${to}`);
  return { kind: EMAIL_KIND, payload: { to, messageId, alert: { ...alert } }, tenant: ALL_TENANTS, internal: true };
}

function emailRequest(job: Job, to: string, { publicUrl, errorText }: { publicUrl: string | null; errorText: boolean }): SubmitRequest {
  const messageId = shortDigest(outcomeMessageId(job));
  const { id, kind, state, error, finishedAt } = toldJob(job, publicUrl);
  const told = { error: errorText ? (error?.message ?? '') : '', code: error?.code ?? '' };
  return { kind: EMAIL_KIND, payload: { to, messageId, job: { id, kind, state, ...told, finishedAt: finishedAt ?? '' } }, tenant: job.tenant, internal: true };
}
