import type { WakeUp } from './delivery.js';
import { type InboxDependencies, Lane } from './lane.js';

/**
 * What a worker has been given and has not begun, a lane for each queue.
 *
 * Slots are jobs, the broker's credit is messages, and a message holds 1 to 64 jobs. A job is claimed only when a slot is free for it. So a crash
 * makes no suspect of a job that had not begun, one that waits can be cancelled, and other workers find what this one has no slot for:
 * - A job that has waited for `waitMs` goes back into the outbox: first its new row, then its part of the message is accepted. A crash between the
 *   two leaves two copies, of which the claim drops one. A job that is not queued (a message that came again) stays, for its copy may have to
 *   take it over or announce it.
 * - On pause and drain that happens at once; a message of which nothing has begun is released instead and keeps its place in the queue.
 * - Jobs of a paused kind go to the waiting room as soon as the pause is heard of, and their part of the message is accepted: as above, a crash between the
 *   two leaves a copy that the claim drops.
 * - Where the store cannot be had, parts are released, and the whole message comes again when those of its jobs that run have ended.
 * - A job that takes several slots waits, as the first in line, until they are free, and nothing behind it begins: `severalWaitMs` long, and then goes back as
 *   well. What is behind it goes to other workers meanwhile. So jobs of one slot do not pass it as long as none of them holds its slot for longer than that.
 * A job that is in hand already needs no slot: its copy is adopted, or waits beside it.
 */
export class Inbox {
  private readonly lanes = new Map<string, Lane>();
  private away = false;

  constructor(private readonly deps: InboxDependencies) {}

  receive(message: WakeUp): void {
    this.lane(message.queue).receive(message);
  }

  /**
   * Begins a job that was handed on to this process, if a slot of its queue is free here, nothing waits for one, nothing is paused and the queue's jobs are
   * short. False: somebody else has to, and nothing has happened.
   */
  handOn(message: WakeUp): boolean {
    return this.lanes.get(message.queue)?.handOn(message) ?? false;
  }

  /** How many messages of a queue may be open here. */
  credit(queue: string): number {
    return this.lane(queue).credit;
  }

  /** Jobs that wait here. */
  get size(): number {
    let count = 0;
    for (const { size } of this.lanes.values()) count += size;
    return count;
  }

  /** While turned away, whatever has not begun goes back. */
  turnAway(away: boolean): void {
    this.away = away;
    this.deps.runner.turnAway(away);
    if (away) for (const lane of this.lanes.values()) lane.close();
  }

  /** What is paused has changed: jobs of paused kinds go to the waiting room, of paused queues nothing begins, and the rest goes on. */
  pausesChanged(): void {
    for (const lane of this.lanes.values()) lane.pausesChanged();
  }

  /** These queues are consumed from now on. */
  open(queues: ReadonlySet<string>): void {
    if (!this.away) for (const queue of queues) this.lane(queue).open();
  }

  /** All but these are not consumed any more: what waits of them goes back. */
  keep(queues: ReadonlySet<string>): void {
    for (const [queue, lane] of this.lanes) if (!queues.has(queue)) lane.close();
  }

  private lane(queue: string): Lane {
    let lane = this.lanes.get(queue);
    if (!lane) {
      lane = new Lane(queue, this.deps, this.away);
      this.lanes.set(queue, lane);
    }
    return lane;
  }
}
