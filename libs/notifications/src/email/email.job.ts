import { type Handles, type JobContext, JobHandler } from '@app/sdk';
import { Type } from 'class-transformer';
import { IsIn, IsString, Matches, ValidateNested } from 'class-validator';
import { EmailSender } from './email-sender.js';

export const EMAIL_KIND = 'longhaul.email';

/** What an e-mail says of a job. */
export class EmailJobView {
  @IsString() id!: string;
  @IsString() kind!: string;
  @IsIn(['succeeded', 'failed', 'cancelled']) state!: 'succeeded' | 'failed' | 'cancelled';
  /** Empty when there was none. */
  @IsString() error!: string;
  @IsString() finishedAt!: string;
}

export class EmailPayload {
  @IsString() to!: string;
  /** Of the outcome; its Message-ID is made of it. */
  @Matches(/^[0-9a-f]{32}$/) messageId!: string;
  @ValidateNested() @Type(() => EmailJobView) job!: EmailJobView;
}

@JobHandler({
  kind: EMAIL_KIND,
  description: 'Sends the e-mail that tells of a job.',
  payload: EmailPayload,
  queue: 'email',
  maxAttempts: 12,
  timeout: '2m',
  backoff: { base: '10s', factor: 3, max: '6h' },
})
export class EmailJob implements Handles<EmailPayload, { messageId: string }> {
  constructor(private readonly sender: EmailSender) {}

  async run(payload: EmailPayload, job: JobContext): Promise<{ messageId: string }> {
    job.signal.throwIfAborted();
    return { messageId: await this.sender.send(payload) };
  }
}
