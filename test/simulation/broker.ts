import type { EventMessage, JobId, PublishId } from '@app/core';
import type { SimProcess } from './process.js';
import type { Schedule } from './schedule.js';

export interface Message {
  publishId: PublishId;
  jobIds: JobId[];
  kind: string;
  /** How often it was given back. */
  returns: number;
}

export interface Consumer {
  link: Link;
  prefetch: number;
  outstanding: number;
  deliver: (tag: number, message: Message) => void;
  /** The broker cancelled it: amqplib's `null` delivery. */
  cancelled: () => void;
}

interface SimQueue {
  ready: Message[];
  consumers: Consumer[];
  next: number;
}

/** A connection with one channel: in order in both directions, until it breaks; what is on its way then is lost. */
export class Link {
  open = true;
  readonly unacked = new Map<number, { queue: string; message: Message; consumer: Consumer }>();
  private sent = 0;
  private received = 0;
  private tags = 0;

  constructor(
    readonly process: SimProcess,
    private readonly schedule: Schedule,
    /** The process learns of the end of the link. */
    readonly onClose: () => void,
  ) {}

  nextTag(): number {
    return ++this.tags;
  }

  /** To the broker. A crash of the process loses what was not sent yet: here, half of what is on its way. */
  send(label: string, act: () => void): void {
    if (!this.open) return;
    this.sent = Math.max(this.sent, this.schedule.now + this.schedule.latency());
    this.schedule.post(this.sent - this.schedule.now, null, label && `${this.process.name}: ${label}`, () => this.open && act());
  }

  /** To the process. */
  push(label: string, act: () => void): void {
    this.received = Math.max(this.received, this.schedule.now + this.schedule.latency());
    this.process.local(this.received - this.schedule.now, label, () => this.open && act());
  }
}

/**
 * Quorum queues as measured (docs: reliability, section 1): what is unacknowledged when a link breaks comes back under
 * the same publish id, to anybody; a confirm can be lost; an unroutable message is returned, and confirmed after that.
 */
export class SimBroker {
  down = false;
  blocked = false;
  /** How many were published. */
  copies = 0;
  readonly queues = new Map<string, SimQueue>();
  readonly events: EventMessage[] = [];
  /** The queue of each copy that was published. */
  readonly queueOf = new Map<PublishId, string>();
  /** Outbox rows whose message a queue took, and copies of each job ever taken. */
  readonly took = new Set<string>();
  readonly links = new Set<Link>();
  /** Jobs of which a copy was destroyed, by an operator who purged or deleted the queue. */
  readonly bereft = new Set<JobId>();
  /** Told when the broker has forgotten a copy because its holder said so. */
  forgot: (jobId: JobId) => void = () => undefined;
  private held: (() => void)[] = [];

  constructor(private readonly schedule: Schedule) {}

  connect(process: SimProcess, onClose: () => void): Link | null {
    if (this.down) return null;
    const link = new Link(process, this.schedule, onClose);
    this.links.add(link);
    process.whenDead(() => {
      // The peer's kernel closes the socket; what was written before may have come through.
      this.schedule.post(this.schedule.random.int(0, 30), null, `the broker notices the death of ${process.name}`, () => this.break(link));
    });
    return link;
  }

  declare(queue: string): void {
    if (!this.queues.has(queue)) this.queues.set(queue, { ready: [], consumers: [], next: 0 });
  }

  consume(queue: string, consumer: Consumer): void {
    this.declare(queue);
    this.queues.get(queue)?.consumers.push(consumer);
    this.dispatch(queue);
  }

  cancel(queue: string, consumer: Consumer): void {
    const entry = this.queues.get(queue);
    if (entry) entry.consumers = entry.consumers.filter((other) => other !== consumer);
  }

  /** False: no such queue, the message is returned. */
  publish(queue: string, message: Message): boolean {
    const entry = this.queues.get(queue);
    if (!entry) return false;
    this.queueOf.set(message.publishId, queue);
    entry.ready.push(message);
    this.dispatch(queue);
    return true;
  }

  settle(link: Link, tag: number, how: 'ack' | 'reject' | 'requeue'): void {
    const entry = link.unacked.get(tag);
    if (!entry) return;
    this.schedule.note(link.process, `${how} of ${this.schedule.name('copy', entry.message.publishId)}`);
    link.unacked.delete(tag);
    entry.consumer.outstanding--;
    if (how === 'requeue') this.giveBack(entry.queue, [entry.message]);
    else for (const id of entry.message.jobIds) this.forgot(id);
    this.dispatch(entry.queue);
  }

  /** The link ends, for whatever reason; its process hears of it a moment later, or much later when it is half-open. */
  break(link: Link, noticedAfterMs = 5): void {
    if (!link.open) return;
    this.links.delete(link);
    const lost = [...link.unacked.values()];
    this.schedule.note(link.process, `a link is broken, with ${lost.length} deliveries open`);
    link.unacked.clear();
    link.open = false;
    for (const [name, queue] of this.queues) {
      queue.consumers = queue.consumers.filter((consumer) => consumer.link !== link);
      this.giveBack(
        name,
        lost.filter((entry) => entry.queue === name).map(({ message }) => message),
      );
    }
    for (const name of this.queues.keys()) this.dispatch(name);
    link.process.local(noticedAfterMs, 'learns that a connection to the broker was lost', link.onClose);
  }

  stop(awayMs: number): void {
    this.down = true;
    for (const link of [...this.links]) this.break(link);
    this.schedule.post(awayMs, null, 'the broker is back', () => (this.down = false));
  }

  block(ms: number): void {
    this.blocked = true;
    this.schedule.post(ms, null, 'the broker unblocks', () => {
      this.blocked = false;
      for (const act of this.held.splice(0)) act();
    });
  }

  /** What publishing links send is not read while the broker is short of memory. */
  whenReading(act: () => void): void {
    if (this.blocked) this.held.push(act);
    else act();
  }

  purge(queue: string): void {
    for (const { jobIds } of this.queues.get(queue)?.ready.splice(0) ?? []) for (const id of jobIds) this.bereft.add(id);
  }

  hasCopy(id: JobId): boolean {
    for (const { ready } of this.queues.values()) if (ready.some(({ jobIds }) => jobIds.includes(id))) return true;
    for (const { unacked } of this.links) for (const { message } of unacked.values()) if (message.jobIds.includes(id)) return true;
    return false;
  }

  delete(queue: string): void {
    const entry = this.queues.get(queue);
    this.purge(queue);
    this.queues.delete(queue);
    for (const link of this.links) {
      for (const [tag, { queue: name, message }] of link.unacked) {
        if (name !== queue) continue;
        link.unacked.delete(tag);
        for (const id of message.jobIds) this.bereft.add(id);
      }
    }
    for (const consumer of entry?.consumers ?? []) consumer.link.push('is told that its consumer was cancelled', consumer.cancelled);
  }

  private giveBack(queue: string, messages: Message[]): void {
    for (const message of messages) message.returns++;
    this.queues.get(queue)?.ready.unshift(...messages);
  }

  private dispatch(name: string): void {
    const queue = this.queues.get(name);
    for (; queue && queue.ready.length > 0; queue.next++) {
      const free = queue.consumers.filter(({ outstanding, prefetch }) => outstanding < prefetch);
      const consumer = free[queue.next % Math.max(1, free.length)];
      if (!consumer) return;
      const message = queue.ready.shift() as Message;
      const tag = consumer.link.nextTag();
      consumer.outstanding++;
      consumer.link.unacked.set(tag, { queue: name, message, consumer });
      const jobs = message.jobIds.map((id) => this.schedule.name('job', id)).join(', ');
      consumer.link.push('', () => {
        this.schedule.note(consumer.link.process, `gets ${this.schedule.name('copy', message.publishId)} of ${jobs}`);
        consumer.deliver(tag, message);
      });
    }
  }
}
