import type { JobMessage } from '../relay/outbox.js';
import type { RoomView } from './waiting-room.js';

/**
 * What this process knows of the queues: which are backlogged, and what it has published to each. Asked for each submission, so it answers
 * from memory. A process that never looks (a host application that only submits) publishes everything; the relay of another one sends it on its way.
 */
export class Backlogs {
  private backlogged: ReadonlySet<string> = new Set();
  private pausedQueues: ReadonlySet<string> = new Set();
  private pausedKinds: ReadonlySet<string> = new Set();
  private none = true;
  private readonly sent = new Map<string, { jobs: number; messages: number }>();

  /** `always`: without a broker every job waits in the room. */
  constructor(private readonly always = false) {}

  /** Whether a new job that may run now goes to the waiting room in place of RabbitMQ. */
  waits(queue: string, kind: string): boolean {
    if (this.always) return true;
    if (this.none) return false;
    return this.backlogged.has(queue) || this.pausedQueues.has(queue) || this.pausedKinds.has(kind);
  }

  /** Queues whose due jobs go to the room. */
  get queues(): string[] {
    return this.none ? [] : [...new Set([...this.backlogged, ...this.pausedQueues])];
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

  /** What a look has found. */
  found(backlogged: ReadonlySet<string>, { pausedQueues, pausedKinds }: Pick<RoomView, 'pausedQueues' | 'pausedKinds'>): void {
    this.backlogged = backlogged;
    this.pausedQueues = pausedQueues;
    this.pausedKinds = pausedKinds;
    this.none = backlogged.size + pausedQueues.size + pausedKinds.size === 0;
  }
}
