import type { Job, NewDelivery, NotifyChannel, SubmitRequest } from '@app/core';

/** A job of ours that tells one receiver of one outcome; with `delivery` where it is a webhook. */
export interface Telling {
  request: SubmitRequest;
  delivery?: Omit<NewDelivery, 'deliveryJobId'>;
}

/** A way to tell outcomes. Its folder has all of it: how it judges an address, and the kind of job that sends. */
export interface Channel extends NotifyChannel {
  /** What tells this address of the outcome of a job that has ended. */
  tell: (job: Job, to: string) => Telling;
}
