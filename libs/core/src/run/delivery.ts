import type { JobId, PublishId } from '../job/job.js';

/** One hand-over of a job's message by the broker. May repeat. Exactly one disposition counts; later ones do nothing. */
export interface Delivery {
  readonly jobId: JobId;
  readonly publishId: PublishId;
  readonly kind: string;
  readonly queue: string;
  /** False once settled or once its channel is gone: the broker then gives the message to somebody again. */
  readonly open: boolean;
  /** Done with it. */
  accept(): void;
  /** To the dead-letter exchange. */
  reject(): void;
  /** Not tried: back to the queue. */
  release(): void;
}
