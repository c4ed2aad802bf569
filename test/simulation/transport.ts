import type { EventMessage, JobId, OutboxMessage, Publisher, PublishId, Untold, WakeUp } from '@app/core';
import type { Consumer, Link, Message, SimBroker } from './broker.js';
import type { Defect } from './defects.js';
import type { SimProcess } from './process.js';

const RECONNECT_MS = 200;
const CONFIRM_WITHIN_MS = 10_000;

/** As ConfirmPublisher: declares queues, publishes mandatory, fails everything pending when the link breaks. */
export class SimPublisher implements Publisher {
  private link: Link | undefined;
  private declared = new Set<string>();
  private readonly pending = new Set<(error: Error) => void>();
  /** Set by the nemesis: the broker takes the next message, and the link breaks before the confirm. */
  losesNextConfirm = false;

  constructor(
    private readonly process: SimProcess,
    private readonly broker: SimBroker,
    private readonly defects: ReadonlySet<Defect>,
    private readonly saw: (what: string) => void,
  ) {
    this.connect();
  }

  get ready(): boolean {
    return this.link !== undefined && !this.broker.blocked;
  }

  async publish(message: OutboxMessage): Promise<void> {
    if (message.type === 'event') return this.send(() => this.take(message));
    if (!this.declared.has(message.queue)) await this.send(() => this.declare(message.queue));
    const { schedule } = this.process;
    const unique = this.defects.has('every copy of a job has the same publish id') ? '' : ++this.broker.copies;
    const publishId = message.publishId ?? (`copy ${unique} of ${String(message.jobIds[0])}` as PublishId);
    const copy: Message = { publishId, jobIds: message.jobIds, kind: message.kind, returns: 0 };
    return this.send(() => {
      const jobs = message.jobIds.map((id) => schedule.name('job', id)).join(', ');
      schedule.note(this.process, `publishes ${schedule.name('copy', publishId)} of ${jobs}`);
      if (message.jobIds.length > 1) this.saw('a message woke up several jobs');
      if (this.broker.publish(message.queue, copy)) {
        this.broker.took.add(message.outboxId);
        return;
      }
      this.saw('a message was returned as unroutable');
      this.declared.delete(message.queue);
      if (!this.defects.has('a returned message counts as confirmed')) throw new Error('the message was returned as unroutable');
    });
  }

  async publishEvents(events: readonly EventMessage[]): Promise<Untold> {
    const untold = new Map<JobId, unknown>();
    if (events.length > 1) this.saw('outcomes of several jobs were told together');
    await Promise.all(events.map((event) => this.publish(event).catch((error: unknown) => untold.set(event.jobId, error))));
    return this.defects.has('an outcome that is told with others counts as told without its confirm') ? new Map() : untold;
  }

  /** Nobody of the simulation reads dead letters; what counts is that it is confirmed before the job's part of its message is done. */
  publishDeadLetter(): Promise<void> {
    return this.send(() => this.saw('the message of a failed job was published to the dead letters'));
  }

  /** Sends something that the broker does and confirms; rejects when it refuses, or when no confirm comes. */
  private send(act: () => void): Promise<void> {
    const { link } = this;
    if (!link) return Promise.reject(new Error('there is no connection to the broker'));
    return new Promise((resolve, reject) => {
      const settle = (error?: Error) => {
        if (!this.pending.delete(settle)) return;
        overdue();
        if (error) reject(error);
        else resolve();
      };
      const overdue = this.process.clock.after(CONFIRM_WITHIN_MS, () => settle(new Error('no confirm came')));
      this.pending.add(settle);
      link.send('', () =>
        this.broker.whenReading(() => {
          if (!link.open) return;
          try {
            act();
            if (this.losesNextConfirm) {
              this.losesNextConfirm = false;
              this.broker.break(link);
            } else link.push('gets a confirm', () => settle());
          } catch (error) {
            link.push('gets a return', () => settle(error as Error));
          }
        }),
      );
    });
  }

  private declare(queue: string): void {
    this.broker.declare(queue);
    this.declared.add(queue);
  }

  private take(message: Extract<OutboxMessage, { type: 'event' }>): void {
    this.process.schedule.note(this.process, `publishes the outcome of ${this.process.schedule.name('job', message.jobId)}: ${message.routingKey}`);
    this.broker.events.push(message);
    if (message.outboxId !== null) this.broker.took.add(message.outboxId);
  }

  private connect(): void {
    this.process.local(this.process.schedule.latency(), '', () => {
      const link = this.broker.connect(this.process, () => this.lose());
      if (!link) return void this.process.local(RECONNECT_MS, '', () => this.connect());
      this.link = link;
      this.declared = new Set();
    });
  }

  private lose(): void {
    this.link = undefined;
    for (const settle of [...this.pending]) settle(new Error('the connection closed before the confirm'));
    this.process.local(RECONNECT_MS, '', () => this.connect());
  }

  /** Messages that wait in a queue; null when that cannot be told. */
  async depth(queue: string): Promise<number | null> {
    let waiting: number | null = null;
    const asked = this.send(() => {
      this.declare(queue);
      waiting = this.broker.queues.get(queue)?.ready.length ?? null;
    });
    await asked.catch(() => undefined);
    return waiting;
  }

  /** For the nemesis. */
  get current(): Link | undefined {
    return this.link;
  }
}

/** As JobTransport and RabbitConsumer: consumes with a prefetch that may change, subscribes again whatever happened. */
export class SimConsumer {
  private link: Link | undefined;
  private consumer: Consumer | undefined;
  private wanted = 0;
  private closed = false;

  constructor(
    private readonly process: SimProcess,
    private readonly broker: SimBroker,
    private readonly queue: string,
    private readonly onDelivery: (message: WakeUp) => void,
  ) {
    this.connect();
  }

  get current(): Link | undefined {
    return this.link;
  }

  /** Resolves when the broker knows. */
  setPrefetch(prefetch: number): Promise<void> {
    if (prefetch === this.wanted) return Promise.resolve();
    this.wanted = prefetch;
    return this.subscribe();
  }

  /** What is open goes back to the queue. */
  close(): void {
    this.closed = true;
    const { link } = this;
    if (link) link.send('closes its channel', () => this.broker.break(link));
    this.link = undefined;
  }

  private subscribe(): Promise<void> {
    const { link, consumer: former, queue } = this;
    if (!link || this.closed) return Promise.resolve();
    const { wanted } = this;
    const consumer: Consumer = {
      link,
      prefetch: wanted,
      outstanding: 0,
      deliver: (tag, message) => this.onDelivery(new SimDelivery(message, queue, () => this.link === link, (how) => link.send(how, () => this.broker.settle(link, tag, how)))), // prettier-ignore
      cancelled: () => {
        this.consumer = undefined;
        this.process.local(100, '', () => void this.subscribe());
      },
    };
    this.consumer = consumer;
    return new Promise((resolve) => {
      link.send(`consumes with prefetch ${wanted}`, () => {
        if (former) this.broker.cancel(queue, former);
        if (wanted > 0) this.broker.consume(queue, consumer);
        link.push('', resolve);
      });
      // A link that breaks answers nothing.
      this.process.local(3_000, '', resolve);
    });
  }

  private connect(): void {
    if (this.closed) return;
    this.process.local(this.process.schedule.latency(), '', () => {
      const link = this.broker.connect(this.process, () => this.lose(link as Link));
      if (!link) return void this.process.local(RECONNECT_MS, '', () => this.connect());
      this.link = link;
      this.consumer = undefined;
      if (this.wanted > 0) void this.subscribe();
    });
  }

  private lose(link: Link): void {
    if (this.link === link) this.link = undefined;
    this.process.local(RECONNECT_MS, '', () => this.connect());
  }
}

class SimDelivery implements WakeUp {
  readonly jobIds: readonly JobId[];
  readonly publishId: PublishId;
  readonly kind: string;
  private settled = false;

  constructor(
    message: Message,
    readonly queue: string,
    private readonly linked: () => boolean,
    private readonly send: (how: 'ack' | 'reject' | 'requeue') => void,
  ) {
    this.jobIds = message.jobIds;
    this.publishId = message.publishId;
    this.kind = message.kind;
  }

  get open(): boolean {
    return !this.settled && this.linked();
  }

  accept(): void {
    this.settle('ack');
  }
  reject(): void {
    this.settle('reject');
  }
  release(): void {
    this.settle('requeue');
  }

  private settle(how: 'ack' | 'reject' | 'requeue'): void {
    if (!this.open) return;
    this.settled = true;
    this.send(how);
  }
}
