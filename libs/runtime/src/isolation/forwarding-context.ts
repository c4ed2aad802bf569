import { AttemptContext, type AttemptDependencies, type ClaimedJob, type Progress } from '@app/core';
import type { EntityManager } from 'typeorm';

const FORWARD_MS = 200;

/**
 * The context of an attempt in its child process: store, steps and transactions are its own; progress goes to the worker,
 * which writes it with its heartbeat. At most one message each `FORWARD_MS`, and not by a timer, so that a handler that
 * never gives the event loop back is seen to move as well; what is left over goes with the end of the attempt.
 */
export class ForwardingContext extends AttemptContext<EntityManager> {
  private forwardedAt = -Infinity;

  constructor(
    job: ClaimedJob,
    deps: AttemptDependencies<EntityManager>,
    private readonly forward: (progress: Progress) => void,
  ) {
    super(job, deps);
  }

  override progress(progress: Progress): void {
    super.progress(progress);
    if (performance.now() - this.forwardedAt < FORWARD_MS) return;
    const newest = this.takeProgress();
    if (newest) this.forward(newest);
    this.forwardedAt = performance.now();
  }
}
