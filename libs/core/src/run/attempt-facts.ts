import type { ClaimedJob } from './attempt-store.js';

/** What a handler knows of its job and its attempt, read from the job as it was claimed. */
export class AttemptFacts {
  constructor(readonly job: ClaimedJob) {}

  get id() {
    return this.job.id;
  }
  get kind() {
    return this.job.kind;
  }
  get queue() {
    return this.job.queue;
  }
  get tenant() {
    return this.job.tenant;
  }
  get rawPayload() {
    return this.job.payload;
  }
  get attempt() {
    return this.job.attempt;
  }
  get maxAttempts() {
    return this.job.maxAttempts;
  }
  get createdAt() {
    return this.job.createdAt;
  }
  get schedule() {
    return this.job.schedule;
  }
  get idempotencyKey() {
    return this.job.id;
  }
  get fence() {
    return this.job.fence;
  }
}
