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
import { type Attachment, CLOSE_WITHIN_MS, LASTING_PAUSE_MS, type RabbitConnection } from '../connection/connection.js';
import { explained, isLasting } from '../connection/explained.js';
import { PendingConfirms } from './pending-confirms.js';
import type { Replies } from './reply-sender.js';
import { jobQueueParts, TOPOLOGY } from '../topology/topology.js';

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
/**
 * A deleted queue is declared again only after this time. If it is declared at once, RabbitMQ 3.10 neither cancels its consumers nor serves
 * them, and sends them messages that never arrive (10 times of 10, measured). Until then messages to the queue are returned, and wait.
 */
const REDECLARE_MS = 2_000;

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
  private connected: ChannelModel | undefined;
  private channel: ConfirmChannel | undefined;
  private readonly pending: PendingConfirms;
  private declared = new Map<string, Promise<unknown>>();
  /** For each routing key that is being refused, the time of the first refusal in a row. */
  private readonly refusedSince = new Map<string, number>();
  private readonly metrics: Metrics;
  private readonly confirmWithinMs: number;
  private readonly replies: Replies | undefined;
  private readonly publicEvents: (kind: string) => boolean;

  constructor(
    private readonly connection: RabbitConnection,
    private readonly logger: Logger,
    { metrics = noMetrics, confirmWithinMs = CONFIRM_WITHIN_MS, replies, publicEvents = () => true }: PublisherOptions = {},
  ) {
    this.metrics = metrics;
    this.confirmWithinMs = confirmWithinMs;
    this.replies = replies;
    this.publicEvents = publicEvents;
    connection.add(this);
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
   * Publishes events together. Resolves after the last confirm, at the latest when that is overdue, with the errors of those that were not confirmed, by
   * job; they may have arrived all the same. Never rejects.
   */
  async publishEvents(events: readonly EventMessage[]): Promise<Untold> {
    const untold = new Map<JobId, unknown>();
    const together: EventMessage[] = [];
    const answered: Promise<void>[] = [];
    for (const event of events) {
      // Replies have confirms of their own, on another connection.
      if (event.notify.length > 0) answered.push(this.publishEvent(event).catch((error: unknown) => void untold.set(event.jobId, error)));
      else if (this.isPublic(event)) together.push(event);
    }
    if (together.length > 0) await this.sendTogether(together, untold);
    await Promise.all(answered);
    return untold;
  }

  async attach(connection: ChannelModel): Promise<void> {
    await this.connection.declare(connection, TOPOLOGY);
    const channel = await connection.createConfirmChannel();
    let against: Error | undefined;
    channel.on('error', (error: Error) => (against = error));
    channel.on('close', () => this.lose(channel, against));
    channel.on('return', (message) => this.pending.returned(String(message.properties.messageId)));
    this.declared = new Map();
    this.refusedSince.clear();
    this.connected = connection;
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

  private async publishJob({ jobIds, kind, queue, priority, traceparent }: JobMessage): Promise<void> {
    await this.ensureQueue(queue);
    try {
      await this.send(EXCHANGES.jobs, queue, wakeUpBody(jobIds), {
        messageId: uuidv4(),
        // For readers that know only messages of one job.
        correlationId: jobIds[0] as JobId,
        contentType: WAKE_UP_TYPE,
        type: kind,
        priority,
        mandatory: true,
        headers: traceparent === null ? {} : { [HEADERS.traceparent]: traceparent },
      });
    } catch (error) {
      // The queue may have been deleted, so it is declared again before a later try.
      const { declared } = this;
      setTimeout(() => declared.delete(queue), REDECLARE_MS).unref();
      throw error;
    }
  }

  private async publishEvent(event: EventMessage): Promise<void> {
    const { jobId, messageId, routingKey, body, notify } = event;
    const addresses = notify.filter(({ channel }) => channel === REPLY_CHANNEL).map(({ to, id }) => ({ to, correlationId: id ?? jobId }));
    const [first, ...others] = addresses;
    const options = { messageId, type: routingKey, correlationId: first && others.length === 0 ? first.correlationId : jobId };
    // Events are not mandatory, because they need no listener.
    if (this.isPublic(event)) await this.send(EXCHANGES.events, routingKey, Buffer.from(body), options);
    // The result of the reply does not matter: the event is published, so its row can be deleted.
    const { replies } = this;
    if (replies === undefined) return;
    await Promise.all(addresses.map((address) => replies.send({ ...options, ...address, contentType: 'application/json', body })));
  }

  /**
   * By the kind, which is its routing key without the outcome. Whoever may read the exchange reads all of it, so it has no outcomes of tenants: theirs go where the
   * job says, and to readers with a key.
   */
  private isPublic({ routingKey, tenant }: EventMessage): boolean {
    return OPEN_TO_ALL.has(tenant) && this.publicEvents(routingKey.slice(0, routingKey.lastIndexOf('.')));
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

  /**
   * Declares the queue on another channel than the publishing one: a queue that exists with other arguments closes the channel of the
   * declaration, and the confirms on it would be lost. Such a queue is declared again only after a while.
   */
  private ensureQueue(queue: string): Promise<unknown> {
    const { channel, connected, declared } = this;
    if (!channel || !connected) throw new Error('there is no connection to RabbitMQ');
    const known = declared.get(queue);
    if (known) return known;
    const declaring = this.declare(connected, queue);
    declared.set(queue, declaring);
    declaring.catch((error: unknown) => {
      const forget = () => declared.delete(queue);
      if (isLasting(error)) setTimeout(forget, LASTING_PAUSE_MS).unref();
      else forget();
    });
    return declaring;
  }

  private async declare(connection: ChannelModel, queue: string): Promise<void> {
    const declaring = this.connection.declare(connection, jobQueueParts(queue)).catch((error: unknown) => {
      throw explained(error);
    });
    if (await within(this.confirmWithinMs, declaring)) await declaring;
    else throw new Error(`expected queue ${queue} to be declared within ${this.confirmWithinMs} ms, got no answer`);
  }

  private send(exchange: string, routingKey: string, content: Buffer, options: Options.Publish & { messageId: string }): Promise<void> {
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
        this.count(error ? 'refused' : entry.returned ? 'returned' : 'confirmed');
        this.noteRefusal(routingKey, Boolean(error));
        if (error) reject(refusal(routingKey, error));
        else if (entry.returned) reject(new Error(`expected a queue for routing key ${routingKey} of ${exchange}, got the message returned as unroutable`));
        else resolve();
      };
      this.toBroker(channel, exchange, routingKey, content, options, confirm);
    });
  }

  /**
   * A queue that is no longer full may refuse the messages of a channel for ever (RabbitMQ 3.10, after the policy that limited it was
   * removed; seen). So after a long refusal the channel is replaced.
   */
  private noteRefusal(routingKey: string, refused: boolean): void {
    if (!refused) {
      this.refusedSince.delete(routingKey);
      return;
    }
    const now = performance.now();
    const since = this.refusedSince.get(routingKey);
    if (since === undefined) this.refusedSince.set(routingKey, now);
    else if (now - since > REFUSED_LONG * this.confirmWithinMs) {
      this.refusedSince.clear();
      this.logger.warn({ routingKey }, 'RabbitMQ has refused all messages for a queue for long; they are tried on a new connection');
      void this.connection.reset();
    }
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

function refusal(routingKey: string, cause: unknown): Error {
  return new Error(`RabbitMQ refused a message for ${routingKey}`, { cause });
}

function wakeUpBody(jobIds: readonly JobId[]): Buffer {
  return Buffer.from(JSON.stringify(jobIds));
}
