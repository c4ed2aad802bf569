import { type Handles, type JobContext, JobHandler } from '@app/sdk';
import { EmailLimit } from './email-limit.js';
import { EmailPayload } from './email.payload.js';
import { EmailSender } from './email-sender.js';

export const EMAIL_KIND = 'longhaul.email';

@JobHandler({
  kind: EMAIL_KIND,
  description: 'Sends an e-mail that tells of a job or of an alert.',
  payload: EmailPayload,
  queue: 'email',
  maxAttempts: 12,
  timeout: '2m',
  backoff: { base: '10s', factor: 3, max: '6h' },
})
export class EmailJob implements Handles<EmailPayload, { messageId: string }> {
  constructor(
    private readonly sender: EmailSender,
    private readonly limit: EmailLimit,
  ) {}

  async run(payload: EmailPayload, job: JobContext): Promise<{ messageId: string }> {
    job.signal.throwIfAborted();
    // All attempts of one e-mail count as one e-mail.
    if (job.attempt === 1) await this.limit.take(payload.to, job.tenant);
    return { messageId: await this.sender.send(payload) };
  }
}
