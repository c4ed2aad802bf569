import { EXCHANGES, HEADERS, REPLY_CHANNEL, WAKE_UP_TYPE } from '@app/contracts';
import {
  type Delivery,
  type EventMessage,
  type JobId,
  type JobMessage,
  type Logger,
  type Metrics,
  noMetrics,
  type OutboxMessage,
  type Publisher,
  uuidv4,
  within,
  writeJson,
} from '@app/core';
import type { ChannelModel, ConfirmChannel, Options } from 'amqplib';
import { type Attachment, CLOSE_WITHIN_MS, LASTING_PAUSE_MS, type RabbitConnection } from '../connection/connection.js';
import { explained, isLasting } from '../connection/explained.js';
import type { Replies } from './reply-sender.js';
import { jobQueueParts, TOPOLOGY } from '../topology/topology.js';

interface Pending {
  since: number;
  returned: boolean;
  resolve: () => void;
  reject: (error: Error) => void;
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
  private readonly pending = new Map<string, Pending>();
  private declared = new Map<string, Promise<unknown>>();
  /** For each routing key that is being refused, the time of the first refusal in a row. */
  private readonly refusedSince = new Map<string, number>();
  private readonly overdue: NodeJS.Timeout;

  constructor(
    private readonly connection: RabbitConnection,
    private readonly logger: Logger,
    private readonly metrics: Metrics = noMetrics,
    private readonly confirmWithinMs = CONFIRM_WITHIN_MS,
    private readonly replies?: Replies,
  ) {
    connection.add(this);
    this.overdue = setInterval(() => this.failOverdue(), 1_000).unref();
  }

  get ready(): boolean {
    return this.channel !== undefined && this.connection.blocked === undefined && this.pending.size < MAX_PENDING;
  }

  /** The number of publishes that wait for their confirm. */
  get inFlight(): number {
    return this.pending.size;
  }

  async publish(message: OutboxMessage): Promise<void> {
    if (message.type === 'job') return this.publishJob(message);
    await this.publishEvent(message);
  }

  async attach(connection: ChannelModel): Promise<void> {
    await this.connection.declare(connection, TOPOLOGY);
    const channel = await connection.createConfirmChannel();
    let against: Error | undefined;
    channel.on('error', (error: Error) => (against = error));
    channel.on('close', () => this.lose(channel, against));
    channel.on('return', (message) => {
      const entry = this.pending.get(String(message.properties.messageId));
      if (entry) entry.returned = true;
    });
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
    if (channel && this.pending.size > 0) await within(CLOSE_WITHIN_MS, channel.waitForConfirms());
    if (channel) await within(CLOSE_WITHIN_MS, channel.close());
    clearInterval(this.overdue);
    this.failAll(new Error('the publisher was closed'));
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

  private async publishEvent({ jobId, messageId, routingKey, body, notify }: EventMessage): Promise<void> {
    const content = Buffer.from(writeJson(body));
    const addresses = notify.filter(({ channel }) => channel === REPLY_CHANNEL).map(({ to, id }) => ({ to, correlationId: id ?? jobId }));
    const [first, ...others] = addresses;
    const options = { messageId, type: routingKey, correlationId: first && others.length === 0 ? first.correlationId : jobId };
    // Events are not mandatory, because they need no listener.
    await this.send(EXCHANGES.events, routingKey, content, options);
    // The result of the reply does not matter: the event is published, so its row can be deleted.
    const { replies } = this;
    if (replies === undefined) return;
    await Promise.all(addresses.map((address) => replies.send({ ...options, ...address, contentType: 'application/json', body })));
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
    const { channel } = this;
    if (!channel) return Promise.reject(new Error('there is no connection to RabbitMQ'));
    // The broker reads nothing from a blocked connection, so confirms would come only after the alarm.
    if (this.connection.blocked !== undefined) return Promise.reject(new Error(`RabbitMQ blocks publishing: ${this.connection.blocked}`));
    return new Promise((resolve, reject) => {
      // An event may be published twice at once with the same message id. The second entry then gets another key.
      const key = this.pending.has(options.messageId) ? `${options.messageId} ${uuidv4()}` : options.messageId;
      const entry: Pending = { since: performance.now(), returned: false, resolve, reject };
      this.pending.set(key, entry);
      const confirm = (error: unknown) => {
        // When the entry belongs to a later try with the same message id, this confirm came too late.
        if (this.pending.get(key) !== entry) return;
        this.pending.delete(key);
        this.count(error ? 'refused' : entry.returned ? 'returned' : 'confirmed');
        this.noteRefusal(routingKey, Boolean(error));
        if (error) reject(new Error(`RabbitMQ refused a message for ${routingKey}`, { cause: error }));
        else if (entry.returned) reject(new Error(`expected a queue for routing key ${routingKey} of ${exchange}, got the message returned as unroutable`));
        else resolve();
      };
      try {
        channel.publish(exchange, routingKey, content, { persistent: true, contentType: 'application/json', appId: 'longhaul', ...options }, confirm);
      } catch (error) {
        confirm(error);
      }
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
    this.failAll(new Error('the publishing channel closed before the confirm', { cause: against }));
    // Only the channel has closed, e.g. after a protocol error or without a permission. The connection is reset, so that everything on it is set up again.
    void this.connection.reset(against);
  }

  private count(result: string, by = 1): void {
    this.metrics.count('publishes_total', { result }, by);
  }

  private failAll(error: Error): void {
    const entries = [...this.pending.values()];
    this.pending.clear();
    this.count('lost', entries.length);
    for (const { reject } of entries) reject(error);
  }

  /** Fails the entries whose time is over. They are in the order of publishing. */
  private failOverdue(): void {
    for (const [key, { since, reject }] of this.pending) {
      if (performance.now() - since < this.confirmWithinMs) return;
      this.pending.delete(key);
      this.count('overdue');
      reject(new Error(`expected a confirm within ${this.confirmWithinMs} ms, got none`));
    }
  }
}

function wakeUpBody(jobIds: readonly JobId[]): Buffer {
  return Buffer.from(JSON.stringify(jobIds));
}
