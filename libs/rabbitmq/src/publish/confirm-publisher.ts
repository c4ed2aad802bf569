import { EXCHANGES, HEADERS, REPLY_CHANNEL, WAKE_UP_TYPE } from '@app/contracts';
import {
  ALL_TENANTS,
  DEFAULT_TENANT,
  type Delivery,
  type EventMessage,
  type JobId,
  type JobMessage,
  type Logger,
  type Metrics,
  noMetrics,
  type OutboxMessage,
  type Publisher,
  type Untold,
  uuidv4,
  within,
} from '@app/core';
import type { ChannelModel, ConfirmChannel, Options } from 'amqplib';
import { type Attachment, CLOSE_WITHIN_MS, type RabbitConnection } from '../connection/connection.js';
import { DeclaredQueues } from './declared-queues.js';
import { PendingConfirms } from './pending-confirms.js';
import type { Replies } from './reply-sender.js';
import { Refusals } from './refusals.js';
import { TOPOLOGY } from '../topology/topology.js';

export interface PublisherOptions {
  metrics?: Metrics;
  confirmWithinMs?: number;
  replies?: Replies;
  /** Of which kinds outcomes are published to `longhaul.events`. Default all. */
  publicEvents?: (kind: string) => boolean;
}

const MAX_PENDING = 2_000;
const CONFIRM_WITHIN_MS = 10_000;
/** A refusal is long after this many times the time limit of a confirm. */
const REFUSED_LONG = 3;
/** Of the default tenant, which was the only one, and of the whole installation. */
const OPEN_TO_ALL: ReadonlySet<string> = new Set([DEFAULT_TENANT, ALL_TENANTS]);

/**
 * Publishes with confirm, persistent; job messages `mandatory`.
 *
 * Authority: the broker's confirm, which for a quorum queue means that a majority has it on disk. A returned message is
 * confirmed too. The return comes first, so it is remembered and the confirm counts as a failure. A confirm can be lost:
 * every publish has an entry here that fails when the channel closes or after ten seconds. The caller then keeps its outbox
 * row, and the message may arrive twice.
 */
export class ConfirmPublisher implements Publisher, Attachment {
  private channel: ConfirmChannel | undefined;
  private readonly pending: PendingConfirms;
  private readonly queues: DeclaredQueues;
  private readonly refusals: Refusals;
  /** The routing keys of `longhaul.events` that had a queue bound when it was last seen: see `sendAlike`. */
  private readonly heard = new Set<string>();
  private readonly metrics: Metrics;
  private readonly replies: Replies | undefined;
  private readonly publicEvents: (kind: string) => boolean;

  constructor(
    private readonly connection: RabbitConnection,
    private readonly logger: Logger,
    { metrics = noMetrics, confirmWithinMs = CONFIRM_WITHIN_MS, replies, publicEvents = () => true }: PublisherOptions = {},
  ) {
    this.metrics = metrics;
    this.replies = replies;
    this.publicEvents = publicEvents;
    connection.add(this);
    this.refusals = new Refusals(REFUSED_LONG * confirmWithinMs);
    this.queues = new DeclaredQueues(connection, confirmWithinMs);
    this.pending = new PendingConfirms(confirmWithinMs, (result, messages) => this.count(result, messages));
  }

  get ready(): boolean {
    return this.channel !== undefined && this.connection.blocked === undefined && this.inFlight < MAX_PENDING;
  }

  /** The number of publishes that wait for their confirm. */
  get inFlight(): number {
    return this.pending.messages;
  }

  async publish(message: OutboxMessage): Promise<void> {
    if (message.type === 'job') return this.publishJob(message);
    await this.publishEvent(message);
  }

  /**
   * Publishes events together. Each reaches every queue that was bound for it before this call. Resolves after the last confirm, at the latest when that is
   * overdue, with the errors of those that were not confirmed, by job; they may have arrived all the same. Never rejects.
   */
  async publishEvents(events: readonly EventMessage[]): Promise<Untold> {
    const untold = new Map<JobId, unknown>();
    const alike = new Map<string, EventMessage[]>();
    const sending: Promise<void>[] = [];
    for (const event of events) {
      // Replies have confirms of their own, on another connection.
      if (event.notify.length > 0) sending.push(this.publishEvent(event).catch((error: unknown) => void untold.set(event.jobId, error)));
      else if (this.isPublic(event)) group(alike, event);
    }
    for (const [routingKey, those] of alike) sending.push(this.sendAlike(routingKey, those, untold));
    await Promise.all(sending);
    return untold;
  }

  async attach(connection: ChannelModel): Promise<void> {
    await this.connection.declare(connection, TOPOLOGY);
    const channel = await connection.createConfirmChannel();
    let against: Error | undefined;
    channel.on('error', (error: Error) => (against = error));
    channel.on('close', () => this.lose(channel, against));
    channel.on('return', (message) => this.pending.returned(String(message.properties.messageId)));
    this.queues.forgetAll(connection);
    this.refusals.forgetAll();
    this.heard.clear();
    this.channel = channel;
  }

  /** Waits for confirms that are on their way, then closes the channel. */
  async close(): Promise<void> {
    const { channel } = this;
    this.channel = undefined;
    // A closed channel drops the confirms that a quorum queue has not sent yet.
    if (channel && this.inFlight > 0) await within(CLOSE_WITHIN_MS, channel.waitForConfirms());
    if (channel) await within(CLOSE_WITHIN_MS, channel.close());
    this.pending.close();
  }

  /** The message of one failed job, where a reject would take others along: to where the broker would have dead-lettered it. */
  async publishDeadLetter({ jobId, publishId, kind, queue }: Pick<Delivery, 'jobId' | 'publishId' | 'kind' | 'queue'>): Promise<void> {
    await this.send(EXCHANGES.dead, queue, wakeUpBody([jobId]), { messageId: publishId, correlationId: jobId, type: kind, contentType: WAKE_UP_TYPE });
  }

  private async publishJob({ publishId, jobIds, kind, queue, priority, traceparent }: JobMessage): Promise<void> {
    await this.queues.ensure(queue);
    try {
      const routed = await this.send(EXCHANGES.jobs, queue, wakeUpBody(jobIds), {
        messageId: publishId ?? uuidv4(),
        // For readers that know only messages of one job.
        correlationId: jobIds[0] as JobId,
        contentType: WAKE_UP_TYPE,
        type: kind,
        priority,
        mandatory: true,
        headers: traceparent === null ? {} : { [HEADERS.traceparent]: traceparent },
      });
      if (!routed) throw new Error(`expected a queue for routing key ${queue} of ${EXCHANGES.jobs}, got the message returned as unroutable`);
    } catch (error) {
      this.queues.doubt(queue);
      throw error;
    }
  }

  private async publishEvent(event: EventMessage): Promise<void> {
    const { jobId, messageId, routingKey, notify } = event;
    const addresses = notify.filter(({ channel }) => channel === REPLY_CHANNEL).map(({ to, id }) => ({ to, correlationId: id ?? jobId }));
    const [first, ...others] = addresses;
    const options = { messageId, type: routingKey, correlationId: first && others.length === 0 ? first.correlationId : jobId };
    if (this.isPublic(event)) await this.send(EXCHANGES.events, routingKey, Buffer.from(event.body), options);
    // The result of the reply does not matter: the event is published, so its row can be deleted.
    const { replies } = this;
    if (replies === undefined || addresses.length === 0) return;
    const { body } = event;
    await Promise.all(addresses.map((address) => replies.send({ ...options, ...address, contentType: 'application/json', body })));
  }

  /**
   * By the kind, which is its routing key without the outcome. Whoever may read the exchange reads all of it, so it has no outcomes of tenants: theirs go where the
   * job says, and to readers with a key.
   */
  private isPublic({ routingKey, tenant }: EventMessage): boolean {
    return OPEN_TO_ALL.has(tenant) && this.publicEvents(routingKey.slice(0, routingKey.lastIndexOf('.')));
  }

  /**
   * Sends events of one routing key. RabbitMQ drops an event that no queue is bound for, and most installations bind none; yet each would cost the worker its
   * text and both sides its way. So the first is `mandatory`. If it is returned, no queue was bound when it arrived, so none was bound for the others before
   * they were to be published either: they are not sent. While the last one that was seen went to a queue, all are sent at once.
   */
  private async sendAlike(routingKey: string, events: readonly EventMessage[], untold: Map<JobId, unknown>): Promise<void> {
    const [first, ...others] = events;
    if (first === undefined) return;
    const heard = this.heard.has(routingKey);
    const looking = this.look(first);
    const sending = heard && others.length > 0 ? this.sendTogether(others, untold) : undefined;
    const seen = await looking;
    if (seen instanceof Error) untold.set(first.jobId, seen);
    if (heard || others.length === 0) return sending;
    if (seen === false) this.count('unheard', others.length);
    else if (seen instanceof Error) for (const { jobId } of others) untold.set(jobId, seen);
    else await this.sendTogether(others, untold);
  }

  /** Sends one event, and remembers whether a queue is bound for it. Answers that, or why it was not confirmed. */
  private async look({ jobId, messageId, routingKey, body }: EventMessage): Promise<boolean | Error> {
    try {
      const routed = await this.send(EXCHANGES.events, routingKey, Buffer.from(body), { messageId, type: routingKey, correlationId: jobId, mandatory: true });
      if (routed) this.heard.add(routingKey);
      else this.heard.delete(routingKey);
      return routed;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Sends what needs no queue, under one entry. Adds to `untold` what is not confirmed. */
  private sendTogether(events: readonly EventMessage[], untold: Map<JobId, unknown>): Promise<void> {
    const channel = this.usableChannel();
    if (channel instanceof Error) {
      for (const { jobId } of events) untold.set(jobId, channel);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const key = uuidv4();
      const waiting = new Set(events);
      const entry = this.pending.add(key, events.length, (error) => {
        for (const { jobId } of waiting) untold.set(jobId, error);
        resolve();
      });
      for (const event of events) {
        const { jobId, messageId, routingKey, body } = event;
        this.toBroker(channel, EXCHANGES.events, routingKey, Buffer.from(body), { messageId, type: routingKey, correlationId: jobId }, (error) => {
          // The whole entry was given up before, or this is told twice.
          if (!this.pending.holds(key, entry) || !waiting.delete(event)) return;
          entry.messages--;
          this.count(error ? 'refused' : 'confirmed');
          this.noteRefusal(routingKey, Boolean(error));
          if (error) untold.set(jobId, refusal(routingKey, error));
          if (waiting.size > 0) return;
          this.pending.end(key);
          resolve();
        });
      }
    });
  }

  /** The channel, or why nothing can be sent now. */
  private usableChannel(): ConfirmChannel | Error {
    // The broker reads nothing from a blocked connection, so confirms would come only after the alarm.
    if (this.channel && this.connection.blocked !== undefined) return new Error(`RabbitMQ blocks publishing: ${this.connection.blocked}`);
    return this.channel ?? new Error('there is no connection to RabbitMQ');
  }

  private toBroker(
    channel: ConfirmChannel,
    exchange: string,
    routingKey: string,
    content: Buffer,
    options: Options.Publish,
    confirm: (error: unknown) => void,
  ): void {
    try {
      channel.publish(exchange, routingKey, content, { persistent: true, contentType: 'application/json', appId: 'longhaul', ...options }, confirm);
    } catch (error) {
      confirm(error);
    }
  }

  /** Resolves with the confirm. False for a `mandatory` message that no queue is bound for. */
  private send(exchange: string, routingKey: string, content: Buffer, options: Options.Publish & { messageId: string }): Promise<boolean> {
    const channel = this.usableChannel();
    if (channel instanceof Error) return Promise.reject(channel);
    return new Promise((resolve, reject) => {
      // An event may be published twice at once with the same message id. The second entry then gets another key.
      const key = this.pending.has(options.messageId) ? `${options.messageId} ${uuidv4()}` : options.messageId;
      const entry = this.pending.add(key, 1, reject);
      const confirm = (error: unknown) => {
        // When the entry belongs to a later try with the same message id, this confirm came too late.
        if (!this.pending.holds(key, entry)) return;
        this.pending.end(key);
        this.count(error ? 'refused' : entry.returned ? unroutable(exchange) : 'confirmed');
        this.noteRefusal(routingKey, Boolean(error));
        if (error) reject(refusal(routingKey, error));
        else resolve(!entry.returned);
      };
      this.toBroker(channel, exchange, routingKey, content, options, confirm);
    });
  }

  private noteRefusal(routingKey: string, refused: boolean): void {
    if (!this.refusals.isLong(routingKey, refused)) return;
    this.logger.warn({ routingKey }, 'RabbitMQ has refused all messages for a queue for long; they are tried on a new connection');
    void this.connection.reset();
  }

  private lose(channel: ConfirmChannel, against?: Error): void {
    if (this.channel !== channel) return;
    this.channel = undefined;
    this.metrics.count('amqp_channels_closed_total', { consumer: 'publisher' });
    this.pending.failAll(new Error('the publishing channel closed before the confirm', { cause: against }));
    // Only the channel has closed, e.g. after a protocol error or without a permission. The connection is reset, so that everything on it is set up again.
    void this.connection.reset(against);
  }

  private count(result: string, by = 1): void {
    this.metrics.count('publishes_total', { result }, by);
  }
}

function group(groups: Map<string, EventMessage[]>, event: EventMessage): void {
  const alike = groups.get(event.routingKey);
  if (alike) alike.push(event);
  else groups.set(event.routingKey, [event]);
}

/** A job needs its queue; an event needs no listener. */
function unroutable(exchange: string): string {
  return exchange === EXCHANGES.events ? 'unheard' : 'returned';
}

function refusal(routingKey: string, cause: unknown): Error {
  return new Error(`RabbitMQ refused a message for ${routingKey}`, { cause });
}

function wakeUpBody(jobIds: readonly JobId[]): Buffer {
  return Buffer.from(JSON.stringify(jobIds));
}
