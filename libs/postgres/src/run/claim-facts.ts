import type { ClaimFacts, JobState, LeaseToken, PublishId, WorkerId } from '@app/core';

/** What CLAIM_FACTS finds of a job. */
export interface FactsRow {
  id: string;
  state: JobState;
  attempt: number;
  max_attempts: number;
  crashes: number;
  late: boolean;
  lease_token: string | null;
  publish_id: string | null;
  worker_id: number | null;
  owner_alive: boolean;
  owner_died: boolean;
  queue: string;
  /** Only CLAIM_LIMITED claims it. */
  limited: boolean;
  /** It has limits, and not all of their slots. */
  waits: boolean;
}

/** And what only the store asks: whether the job has limits or a unique key. */
export type FoundFacts = ClaimFacts & { limited: boolean };

export function toFacts(row: FactsRow): FoundFacts {
  return {
    state: row.state,
    attempt: row.attempt,
    maxAttempts: row.max_attempts,
    crashes: row.crashes,
    late: row.late,
    token: row.lease_token as LeaseToken | null,
    publishId: row.publish_id as PublishId | null,
    workerId: row.worker_id as WorkerId | null,
    ownerAlive: row.owner_alive,
    ownerDied: row.owner_died,
    queue: row.queue,
    limited: row.limited,
    waits: row.waits,
  };
}
