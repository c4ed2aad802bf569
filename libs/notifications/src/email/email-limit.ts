import type { EmailCounts } from '@app/core';
import { NonRetryableError } from '@app/sdk';

/**
 * How many e-mails one address gets in an hour, whoever asked for them: else anybody who may submit could flood a stranger's mailbox. What is
 * too much is not put off, for then it would come all the same: it becomes a dead letter, which an operator may redrive.
 */
export class EmailLimit {
  constructor(
    private readonly counts: EmailCounts,
    private readonly perHour: number,
  ) {}

  async take(to: string): Promise<void> {
    if (await this.counts.take(to.toLowerCase(), this.perHour)) return;
    throw new NonRetryableError(`expected at most ${this.perHour} e-mails an hour to one address (EMAIL_PER_HOUR), got one more to ${to}`, {
      code: 'email_rate',
    });
  }
}
