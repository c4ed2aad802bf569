import type { JobId, PublishId } from '../job/job.js';

/** What its holder can do with something that the broker gave. Exactly one disposition counts; later ones do nothing. */
export interface Disposable {
  /** False once settled or once its channel is gone: the broker then gives the message to somebody again. */
  readonly open: boolean;
  /** Done with it. */
  accept(): void;
  /** To the dead-letter exchange. */
  reject(): void;
  /** Not tried: back to the queue. */
  release(): void;
}

/** One hand-over of a message by the broker. May repeat, whole, under the same publish id. Its jobs are of one kind, queue and priority. */
export interface WakeUp extends Disposable {
  readonly jobIds: readonly JobId[];
  readonly publishId: PublishId;
  readonly kind: string;
  readonly queue: string;
}

/** One job's part of such a message. */
export interface Delivery extends Disposable {
  readonly jobId: JobId;
  readonly publishId: PublishId;
  readonly kind: string;
  readonly queue: string;
}
