import type { Untold } from '../run/runner-dependencies.js';
import type { JobId } from '../job/job.js';
import type { EventMessage, Outbox, OutboxMessage } from '../relay/outbox.js';
import type { Publisher } from '../relay/publisher.js';
import { Faults } from './faults.js';

/** An {@link Outbox} in memory. What is taken stays hidden until `reveal`, as if `hideSeconds` had passed. */
export class MemoryOutbox implements Outbox {
  readonly faults = new Faults();
  readonly rows = new Map<string, OutboxMessage>();
  takes = 0;
  removals = 0;
  due: number | null = null;
  private readonly hidden = new Set<string>();

  add(...messages: OutboxMessage[]): void {
    for (const message of messages) this.rows.set(message.outboxId as string, message);
  }

  reveal(): void {
    this.hidden.clear();
  }

  async take(limit: number): Promise<OutboxMessage[]> {
    this.takes++;
    this.faults.meet('take');
    const taken = [...this.rows].filter(([id]) => !this.hidden.has(id)).slice(0, limit);
    for (const [id] of taken) this.hidden.add(id);
    return taken.map(([, message]) => message);
  }

  async remove(outboxIds: string[]): Promise<void> {
    this.removals++;
    this.faults.meet('remove');
    for (const id of outboxIds) this.rows.delete(id);
  }

  async discardEvents(): Promise<void> {
    for (const [id, { type }] of this.rows) if (type === 'event') this.rows.delete(id);
  }

  async nextDueMs(): Promise<number | null> {
    return this.due;
  }
}

/** The jobs that a message is about. */
export function jobsOf(message: OutboxMessage): JobId[] {
  return message.type === 'job' ? message.jobIds : [message.jobId];
}

/** A {@link Publisher} that confirms at once, or, after `hold`, when the test says so. */
export class MemoryPublisher implements Publisher {
  readonly faults = new Faults();
  readonly published: OutboxMessage[] = [];
  /** How many events each call has told together. */
  readonly together: number[] = [];
  ready = true;
  private readonly held: (() => void)[] = [];
  private holding = false;

  hold(): void {
    this.holding = true;
  }

  confirmAll(): void {
    this.holding = false;
    for (const confirm of this.held.splice(0)) confirm();
  }

  async publish(message: OutboxMessage): Promise<void> {
    this.faults.meet('publish');
    this.published.push(message);
    if (this.holding) await new Promise<void>((resolve) => this.held.push(resolve));
  }

  async publishEvents(events: readonly EventMessage[]): Promise<Untold> {
    this.together.push(events.length);
    const untold = new Map<JobId, unknown>();
    await Promise.all(events.map((event) => this.publish(event).catch((error: unknown) => void untold.set(event.jobId, error))));
    return untold;
  }
}
