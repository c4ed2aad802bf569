import type { Paused } from '../control/paused.js';
import type { Allowance, JobMessage } from '../relay/outbox.js';
import { leastHeadroom } from './headroom.js';
import type { RoomView } from './waiting-room.js';

/**
 * What this process knows of the queues: which are backlogged, what it has published to each, and how much more it may publish before the next look, so
 * that a flood into an empty queue fills the waiting room and not RabbitMQ. Asked for each submission, so it answers from memory. A process that never
 * looks (a host application that only submits) publishes everything; the relay of another one sends it on its way. While RabbitMQ takes nothing, nothing
 * is kept from the outbox either: its rows are what admission counts then, and once RabbitMQ is back they are held to the same when they are taken.
 */
export class Backlogs {
  private backlogged: ReadonlySet<string> = new Set();
  private pausedQueues: ReadonlySet<string> = new Set();
  private pausedKinds: ReadonlySet<string> = new Set();
  private none = true;
  private bounded: () => boolean = () => false;
  private readonly sent = new Map<string, { jobs: number; messages: number }>();
  /** Jobs of each queue that may go to RabbitMQ between two looks, and what is left of it. */
  private readonly allowed = new Map<string, number>();
  private readonly left = new Map<string, number>();

  /** `always`: without a broker every job waits in the room. `paused`: what this process knows of pauses beside its looks, which are rarer. */
  constructor(
    private readonly always = false,
    private readonly paused?: Pick<Paused, 'holds'>,
  ) {}

  /** From now on this process looks; what it publishes between two looks is bounded while `canPublish`. */
  lookingWhile(canPublish: () => boolean): void {
    this.bounded = canPublish;
  }

  /** Whether a new job that may run now goes to the waiting room in place of RabbitMQ. One that does not counts as published. */
  waits(queue: string, kind: string): boolean {
    if (this.always || this.paused?.holds({ queue, kind })) return true;
    if (!this.none && (this.backlogged.has(queue) || this.pausedQueues.has(queue) || this.pausedKinds.has(kind))) return true;
    if (this.bounded() && this.leftOf(queue) <= 0) return true;
    this.joined(queue);
    return false;
  }

  /** More jobs go out: with the message of one that does not wait, or because they were due. The last message may go beyond what is left. */
  joined(queue: string, jobs = 1): void {
    if (this.bounded()) this.left.set(queue, this.leftOf(queue) - jobs);
  }

  /** Whether a look is worth its statements before its time: a queue was not backlogged, and what it may publish is used up. */
  get early(): boolean {
    for (const [queue, left] of this.left) if (left <= 0 && !this.backlogged.has(queue)) return true;
    return false;
  }

  /** How many due jobs of each queue may still go to RabbitMQ; those beyond go to the room. */
  get allowance(): Allowance {
    if (!this.bounded()) return { byQueue: new Map(), others: Number.MAX_SAFE_INTEGER };
    const byQueue = new Map(this.left);
    for (const queue of this.backlogged) byQueue.set(queue, 0);
    for (const queue of this.pausedQueues) byQueue.set(queue, 0);
    return { byQueue, others: leastHeadroom(0) };
  }

  /** Due jobs were taken out of the outbox to be published. */
  took(messages: readonly JobMessage[]): void {
    for (const { queue, jobIds } of messages) this.joined(queue, jobIds.length);
  }

  published({ queue, jobIds }: JobMessage): void {
    const sent = this.sent.get(queue);
    if (!sent) this.sent.set(queue, { jobs: jobIds.length, messages: 1 });
    else {
      sent.jobs += jobIds.length;
      sent.messages++;
    }
  }

  /** What was published since the last call, by queue. */
  takeSent(): Map<string, { jobs: number; messages: number }> {
    const sent = new Map(this.sent);
    this.sent.clear();
    return sent;
  }

  /** What a look has found; `room`: how many more jobs each queue that was looked at may get before the next look. */
  found(
    backlogged: ReadonlySet<string>,
    { pausedQueues, pausedKinds }: Pick<RoomView, 'pausedQueues' | 'pausedKinds'>,
    room: ReadonlyMap<string, { most: number; left: number }> = new Map(),
  ): void {
    this.backlogged = backlogged;
    this.pausedQueues = pausedQueues;
    this.pausedKinds = pausedKinds;
    this.none = backlogged.size + pausedQueues.size + pausedKinds.size === 0;
    this.left.clear();
    // Of a queue that nothing was published to, the rate of some time ago says less with each look.
    for (const [queue, most] of this.allowed) {
      if (most <= leastHeadroom(0)) this.allowed.delete(queue);
      else this.allowed.set(queue, most / 2);
    }
    for (const [queue, { most }] of room) this.allowed.set(queue, most);
    for (const [queue, most] of this.allowed) this.left.set(queue, room.get(queue)?.left ?? most);
  }

  private leftOf(queue: string): number {
    return this.left.get(queue) ?? leastHeadroom(0);
  }
}
