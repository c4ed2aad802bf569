import { Backlogs, type JobId, type NewJob, type Outbox, type SubmissionStore } from '@app/core';
import type { Defect } from './defects.js';
import type { SimProcess } from './process.js';
import { QUEUE } from './queues.js';
import type { SimTransaction } from './store/session.js';
import type { Tables } from './store/tables.js';

/** Whether a job waits may be decided so long before it is sent to the store: the limits are read in between. */
const DECIDED_MS = 50;
/** Before its first look a process may publish so many jobs to a queue. */
const BEFORE_A_LOOK = 16;

/**
 * What one process may publish to the queue between two looks at the waiting room, and does. It is told what each look has found, and counts by itself:
 * - a submission that does not wait begins its message while something is left, or was when it was decided; that message may hold more than what is left;
 * - of what is due, the outbox gives out as many as are left;
 * - nothing is counted while the broker takes nothing.
 */
export class Allowances {
  private most = BEFORE_A_LOOK;
  private left = BEFORE_A_LOOK;
  /** What was left when the last look came. */
  private before = { at: -Infinity, left: 0 };
  private readonly seen = new Set<JobId>();

  constructor(
    private readonly process: SimProcess,
    private readonly tables: Tables,
    private readonly ready: () => boolean,
    private readonly expect: (holds: boolean, id: JobId, otherwise: string) => void,
    private readonly saw: (what: string) => void,
  ) {}

  looked(closed: boolean, room: { most: number; left: number } | undefined): void {
    this.before = { at: this.process.clock.now(), left: Math.max(0, this.left) };
    // A look that says nothing of the queue lets as much be published as the one before, at most.
    this.most = Math.max(BEFORE_A_LOOK, room?.most ?? this.most);
    this.left = closed ? 0 : (room?.left ?? this.most);
  }

  /** Whether they wait was decided in this very step, unless they were sent before. */
  submission(store: SubmissionStore<SimTransaction>): SubmissionStore<SimTransaction> {
    return {
      submit: (jobs, transaction, revision) => {
        this.submitted(jobs.filter(({ id }) => !this.seen.has(id)));
        for (const { id } of jobs) this.seen.add(id);
        return store.submit(jobs, transaction, revision);
      },
    };
  }

  outbox(outbox: Outbox): Outbox {
    return {
      ...outbox,
      take: async (limit, hideSeconds, allowance) => {
        const left = this.ready() ? Math.max(0, this.left) : Infinity;
        const messages = await outbox.take(limit, hideSeconds, allowance);
        const jobs = messages.flatMap((message) =>
          message.type === 'job' && message.queue === QUEUE && !this.tables.outbox.get(message.outboxId)?.released ? message.jobIds : [],
        );
        const first = jobs[0];
        if (first)
          this.expect(jobs.length <= left, first, `was taken by ${this.process.name} as one of ${jobs.length} that were due, when it might publish ${left}`);
        if (this.ready()) this.left -= jobs.length;
        return messages;
      },
    };
  }

  private get leftBefore(): number {
    return this.process.clock.now() - this.before.at <= DECIDED_MS ? this.before.left : 0;
  }

  private submitted(jobs: NewJob[]): void {
    const messages = new Set<string>();
    for (const { id, outboxId, waits, runAt, delayMs, limitKeys } of jobs) {
      if (limitKeys || runAt || (delayMs ?? 0) > 0) continue;
      if (waits) this.saw('a job without limits waited for its turn');
      if (waits || !this.ready()) continue;
      if (!messages.has(outboxId))
        this.expect(this.left + this.leftBefore > 0, id, `was published by ${this.process.name}, which had nothing left until its next look`);
      messages.add(outboxId);
      this.left--;
    }
  }
}

/** What a process knows of its queues; the ledger hears of each look. */
export class SimBacklogs extends Backlogs {
  constructor(
    private readonly queue: string,
    private readonly allowances: Allowances,
    private readonly defects: ReadonlySet<Defect>,
  ) {
    super();
  }

  override found(...[backlogged, view, room]: Parameters<Backlogs['found']>): void {
    super.found(backlogged, view, room);
    this.allowances.looked(backlogged.has(this.queue) || view.pausedQueues.has(this.queue), room?.get(this.queue));
  }

  override joined(queue: string, jobs?: number): void {
    if (!this.defects.has('what is published until the next look is not counted')) super.joined(queue, jobs);
  }
}
