import { rekeyJobs, systemClock } from '@app/core';
import { type Handles, type JobContext, JobHandler } from '@app/sdk';
import { Store } from '../store.js';

export const REKEY_KIND = 'longhaul.rekey';

/** It has none: all limits are read anew. A tag of the job says which one has changed. */
// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- a payload without fields
class RekeyPayload {}

/** How many jobs were looked at, and how many of them have other limits than before. */
export interface RekeyResult {
  looked: number;
  changed: number;
}

/** Gives the jobs that wait the limits that hold now. */
@JobHandler({
  kind: REKEY_KIND,
  description: 'Gives waiting jobs the limits that hold now.',
  payload: RekeyPayload,
  queue: 'limits',
  priority: 9,
  maxAttempts: 20,
  timeout: '1d',
  backoff: { base: '1s', max: '1m' },
})
export class RekeyJob implements Handles<RekeyPayload, RekeyResult> {
  constructor(private readonly store: Store) {}

  run(_: RekeyPayload, job: JobContext): Promise<RekeyResult> {
    const { rekeying: store, limits } = this.store;
    return rekeyJobs({ store, limits, clock: systemClock }, job);
  }
}
