import { Refusal } from '../job/errors.js';
import { QuotaExceeded } from '../quotas/quota.js';
import type { Taken } from '../quotas/askers.js';
import { unavailable } from './store-submissions.js';
import type { SubmitOutcome } from './submission-store.js';

/** Stores when the quota has room; `instead` tells what was accepted before, also while it has none. */
export async function withinQuota<Result>(
  quota: Promise<Taken>,
  store: (taken: Taken) => Promise<Result>,
  instead: (refusal: QuotaExceeded) => Promise<Result>,
): Promise<Result> {
  let taken: Taken;
  try {
    taken = await quota;
  } catch (error) {
    if (error instanceof QuotaExceeded) return instead(error);
    throw error instanceof Refusal ? error : unavailable(error);
  }
  return store(taken);
}

/** How many new jobs are there, or may be: nobody knows of those whose statement was not answered. */
export function storedOf(outcomes: readonly (SubmitOutcome | Error)[]): number {
  return outcomes.filter((outcome) => {
    if (outcome instanceof Error) return !(outcome instanceof Refusal) || outcome.code === 'unavailable';
    return outcome.status === 'created';
  }).length;
}
