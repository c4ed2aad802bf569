import type { JobId, PublishId } from '../job/job.js';
import type { Delivery } from '../run/delivery.js';

/** A delivery that remembers its disposition; `lose()` takes its channel away. */
export class FakeDelivery implements Delivery {
  readonly kind: string;
  readonly queue = 'default';
  disposition: 'accepted' | 'rejected' | 'released' | undefined;
  private channelOpen = true;

  constructor(
    readonly jobId: JobId,
    readonly publishId: PublishId = 'copy' as PublishId,
    kind = 'test.job',
    private readonly onDisposition: (disposition: string) => void = () => undefined,
  ) {
    this.kind = kind;
  }

  get open(): boolean {
    return this.channelOpen && this.disposition === undefined;
  }

  lose(): void {
    this.channelOpen = false;
  }

  accept(): void {
    this.dispose('accepted');
  }
  reject(): void {
    this.dispose('rejected');
  }
  release(): void {
    this.dispose('released');
  }

  private dispose(disposition: 'accepted' | 'rejected' | 'released'): void {
    if (!this.open) return;
    this.disposition = disposition;
    this.onDisposition(disposition);
  }
}
