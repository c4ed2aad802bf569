import { type NewJob, SubmitJob, type SubmitOptions, type Fault } from '@app/core';
import { classifyError, type Joined } from '@app/postgres';
import { HandlerRegistry, Jobs } from '@app/sdk';
import type { JobClass } from '@app/sdk/config';
import type { Store } from './store.js';

const MAX_BATCH = 128;

export interface WithinParts {
  store: Store;
  kinds: readonly JobClass[];
  checkTelling: (options: SubmitOptions) => Fault[];
  /** Called with each committed job that may run now; left out where nobody publishes here, and any relay takes it. */
  committed?: (job: NewJob) => void;
}

/**
 * `Jobs` for handlers: what they submit belongs to work that was accepted, so it is always admitted. It has a registry of its own, for that of
 * the process is made of the handlers.
 */
export function jobsWithin({ store, kinds, checkTelling, committed = () => undefined }: WithinParts): Jobs {
  return new Jobs(
    new SubmitJob<Joined>({
      kinds: new HandlerRegistry(kinds),
      queues: store.queues,
      store: store.submissions,
      committed,
      classify: classifyError,
      checkTelling,
      time: store.time,
      maxBatch: MAX_BATCH,
      replays: store.submissions,
    }),
  );
}
