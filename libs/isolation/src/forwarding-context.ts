import { AttemptContext, type AttemptDependencies, type ClaimedJob, type LogLine, type Progress } from '@app/core';
import type { EntityManager } from 'typeorm';

const FORWARD_MS = 200;
/** The most log lines that a child forwards: more than a worker keeps of an attempt. */
const MAX_LINES = 12_000;

/**
 * The context of an attempt in its child process. The child itself uses the store, for steps and transactions. Log lines and progress go
 * to the worker, which writes them with its heartbeat. Progress is sent at most once in `FORWARD_MS`, and without a timer, so that a handler
 * that blocks the event loop shows progress too. The last progress is sent with the end of the attempt.
 */
export class ForwardingContext extends AttemptContext<EntityManager> {
  private forwardedAt = -Infinity;
  private lines = 0;

  constructor(
    job: ClaimedJob,
    deps: AttemptDependencies<EntityManager>,
    private readonly forward: (progress: Progress) => void,
    private readonly forwardLine: (line: LogLine) => void = () => undefined,
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

  override keep(line: LogLine): void {
    if (++this.lines <= MAX_LINES) this.forwardLine(line);
  }
}
