import { OWN_PREFIX } from '@app/contracts';
import { type Logger, type Metrics, noMetrics, within } from '@app/core';
import { type ChannelModel, type ConfirmChannel, IllegalOperationError } from 'amqplib';
import type { BrokerAccount } from '../connection/broker-account.js';
import type { BrokerTls } from '../connection/broker-tls.js';
import { type Attachment, CLOSE_WITHIN_MS, RabbitConnection } from '../connection/connection.js';
import { explained } from '../connection/explained.js';
import { ToldReasons } from '../connection/told-reasons.js';

/** An answer to the `reply_to` of a request. */
export interface Reply {
  to: string;
  messageId: string;
  correlationId: string | null;
  type: string;
  contentType: 'application/json' | 'application/problem+json';
  /** JSON text. */
  body: string;
}

/** `returned`: there is no such queue. `refused`: the queue does not accept it, e.g. because it is full. `overdue`: no confirm in time. `lost`: the channel or connection closed. */
export type ReplyResult = 'confirmed' | 'returned' | 'refused' | 'overdue' | 'lost';

export interface Replies {
  /** Sends a reply. Never rejects, and takes some seconds at most. */
  send(reply: Reply): Promise<ReplyResult>;
}

export interface ReplySenderConfig {
  url: string;
  tls?: (() => BrokerTls) | undefined;
  /** The name in RabbitMQ's list of connections. */
  name: string;
  logger: Logger;
  metrics?: Metrics;
  account?: BrokerAccount;
  confirmWithinMs?: number;
}

const CONFIRM_WITHIN_MS = 2_000;
const CONNECT_WITHIN_MS = 3_000;
/** A reply that waits for its turn longer than this is given up. */
const TURN_WITHIN_MS = 3_000;

interface Pending {
  returned: boolean;
  settle: (result: ReplyResult) => void;
}

/**
 * Sends replies to queues that callers name. Such a queue may be gone, full, without a majority, forbidden, or no queue at all.
 *
 * None of that may harm other messages, so replies have a connection of their own, made for the first reply. RabbitMQ 3.10 closes the
 * whole connection for a mangled `amq.rabbitmq.reply-to.…` (541, measured), and the channel when the account may not use the
 * default exchange. The other replies that were on their way are then sent again, one at a time, so that only the bad one is given
 * up. A lost reply loses no outcome: that is in PostgreSQL, and on `longhaul.events`.
 */
export class ReplySender implements Replies, Attachment {
  private readonly connection: RabbitConnection;
  private readonly logger: Logger;
  private readonly metrics: Metrics;
  private readonly confirmWithinMs: number;
  private channel: ConfirmChannel | undefined;
  private readonly pending = new Map<string, Pending>();
  private readonly waiting = new Set<() => void>();
  private readonly told = new ToldReasons();
  private suspects = 0;
  private alone: Promise<unknown> = Promise.resolve();

  constructor({ url, tls, name, logger, metrics = noMetrics, account, confirmWithinMs = CONFIRM_WITHIN_MS }: ReplySenderConfig) {
    this.logger = logger;
    this.metrics = metrics;
    this.confirmWithinMs = confirmWithinMs;
    this.connection = new RabbitConnection({ url, tls, name, role: 'reply', logger, metrics, ...(account ? { account } : {}) });
    this.connection.add(this);
  }

  async send(reply: Reply): Promise<ReplyResult> {
    // Submissions with such addresses are refused. Rows from before that check are refused here.
    if (reply.to.startsWith(OWN_PREFIX)) return 'refused';
    this.connection.start();
    let result: ReplyResult = this.suspects > 0 ? 'lost' : await this.attempt(reply);
    if (result === 'lost') result = await this.attemptAlone(reply);
    this.metrics.count('replies_total', { result });
    if (result === 'returned') this.logger.debug({ replyTo: reply.to }, 'nobody waits for a reply any more');
    else if (result !== 'confirmed') this.logger.warn({ replyTo: reply.to, messageId: reply.messageId, result }, 'a reply was given up');
    return result;
  }

  async attach(connection: ChannelModel): Promise<void> {
    const channel = await connection.createConfirmChannel();
    channel.on('error', (error: Error) => {
      const { message } = explained(error) as Error;
      if (this.told.isNew(message)) this.logger.warn({ err: error }, `a reply was not taken: ${message}`);
    });
    channel.on('close', () => this.lose(channel));
    channel.on('return', ({ properties, fields }) => {
      const entry = this.pending.get(keyOf(String(properties.messageId), fields.routingKey));
      if (entry) entry.returned = true;
    });
    this.channel = channel;
    for (const wake of this.waiting) wake();
  }

  /** Waits for confirms that are on their way. */
  async close(): Promise<void> {
    const { channel } = this;
    if (channel && this.pending.size > 0) await within(CLOSE_WITHIN_MS, channel.waitForConfirms());
    await this.connection.close();
  }

  private async attemptAlone(reply: Reply): Promise<ReplyResult> {
    this.suspects++;
    const until = performance.now() + TURN_WITHIN_MS;
    const turn = this.alone.then(() => (performance.now() < until ? this.attempt(reply) : 'overdue')).finally(() => this.suspects--);
    this.alone = turn;
    return turn;
  }

  private async attempt({ to, messageId, correlationId, type, contentType, body }: Reply): Promise<ReplyResult> {
    const channel = this.channel ?? (await this.connected());
    if (!channel) return 'lost';
    const content = Buffer.from(body);
    return new Promise((resolve) => {
      // Two copies of one message to one queue share one result.
      const key = keyOf(messageId, to);
      const settle = (result: ReplyResult): void => {
        clearTimeout(timer);
        if (this.pending.get(key) === entry) this.pending.delete(key);
        resolve(result);
      };
      const timer = setTimeout(() => settle('overdue'), this.confirmWithinMs).unref();
      const before = this.pending.get(key);
      const entry: Pending = {
        returned: false,
        settle: (result) => {
          before?.settle(result);
          settle(result);
        },
      };
      this.pending.set(key, entry);
      const options = {
        messageId,
        type,
        contentType,
        appId: 'longhaul',
        persistent: true,
        mandatory: true,
        ...(correlationId === null ? {} : { correlationId }),
      };
      try {
        channel.publish('', to, content, options, (error: Error | null) => {
          // When a channel closes, amqplib fails its unconfirmed messages before it emits the close.
          if (error && error.message !== 'message nacked') return this.lose(channel);
          settle(error ? 'refused' : entry.returned ? 'returned' : 'confirmed');
        });
      } catch (error) {
        // The address cannot be a routing key, or the channel is closing.
        if (error instanceof IllegalOperationError) this.lose(channel);
        settle(error instanceof IllegalOperationError ? 'lost' : 'refused');
      }
    });
  }

  private async connected(): Promise<ConfirmChannel | undefined> {
    let wake: () => void = () => undefined;
    await within(CONNECT_WITHIN_MS, new Promise<void>((resolve) => this.waiting.add((wake = resolve))));
    this.waiting.delete(wake);
    return this.channel;
  }

  private lose(channel: ConfirmChannel): void {
    if (this.channel !== channel) return;
    this.channel = undefined;
    this.metrics.count('amqp_channels_closed_total', { consumer: 'replies' });
    const entries = [...this.pending.values()];
    this.pending.clear();
    for (const { settle } of entries) settle('lost');
    // Only the channel has closed, e.g. after a protocol error. The connection is reset, so that the channel is made again.
    void this.connection.reset();
  }
}

function keyOf(messageId: string, to: string): string {
  return `${messageId}\n${to}`;
}
