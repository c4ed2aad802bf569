import { NonRetryableError } from '@app/sdk';

/** What has been sent, by recipient and hour. */
export interface RecipientCounts {
  /** `recipient`: an address, or `tenant:` and the name of a tenant. Counts one more in the present hour of the store's clock. False, uncounted, when there were `most` already. */
  take(recipient: string, most: number): Promise<boolean>;
}

/**
 * Limits the e-mails to one address in an hour, over all callers: otherwise anyone who may submit jobs could flood a stranger's mailbox. An
 * e-mail above the limit is not postponed, because the flood would then only come later. It becomes a dead letter, which an operator may redrive.
 */
export class EmailLimit {
  constructor(
    private readonly counts: RecipientCounts,
    private readonly perHour: number,
    /** How many all jobs of a tenant may send in an hour, to whomever; null: any number. */
    private readonly ofTenant: (tenant: string) => number | null = () => null,
  ) {}

  async take(to: string, tenant: string): Promise<void> {
    const most = this.ofTenant(tenant);
    if (most !== null && !(await this.counts.take(`tenant:${tenant}`, most)))
      throw new NonRetryableError(`expected at most ${most} e-mails an hour of tenant ${tenant} (quota emailsPerHour), got one more to ${to}`, {
        code: 'quota_exceeded',
      });
    if (await this.counts.take(to.toLowerCase(), this.perHour)) return;
    throw new NonRetryableError(`expected at most ${this.perHour} e-mails an hour to one address (EMAIL_PER_HOUR), got one more to ${to}`, {
      code: 'email_rate',
    });
  }
}
