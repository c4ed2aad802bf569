import type { JobId, PublishId } from '../job/job.js';
import type { WakeUp } from '../run/delivery.js';

/** A message that remembers its disposition; `lose()` takes its channel away. */
export class FakeWakeUp implements WakeUp {
  disposition: 'accepted' | 'rejected' | 'released' | undefined;
  readonly jobIds: JobId[];
  private channelOpen = true;

  constructor(
    jobIds: string[],
    readonly publishId: PublishId = 'copy' as PublishId,
    readonly queue = 'default',
    readonly kind = 'test.job',
  ) {
    this.jobIds = jobIds as JobId[];
  }

  get open(): boolean {
    return this.channelOpen && this.disposition === undefined;
  }

  lose(): void {
    this.channelOpen = false;
  }

  accept(): void {
    if (this.open) this.disposition = 'accepted';
  }
  reject(): void {
    if (this.open) this.disposition = 'rejected';
  }
  release(): void {
    if (this.open) this.disposition = 'released';
  }
}
