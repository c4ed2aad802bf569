import { setTimeout as delay } from 'node:timers/promises';
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';

/** A producer in another service: confirms, mandatory, and the same message again until the broker has said yes. */
export class AmqpProducer {
  private connection: ChannelModel | undefined;
  private opening: Promise<ConfirmChannel> | undefined;

  constructor(private readonly url: string) {}

  /** Resolves when the broker has confirmed it; rejects after `timeoutMs`. */
  async publish(routingKey: string, messageId: string, payload: unknown, timeoutMs = 150_000): Promise<void> {
    for (const end = Date.now() + timeoutMs; ;) {
      try {
        await this.once('longhaul.submit', routingKey, Buffer.from(JSON.stringify(payload)), { messageId, contentType: 'application/json' });
        return;
      } catch (error) {
        if (Date.now() > end) throw new Error(`expected the broker to take ${messageId} within ${String(timeoutMs)} ms`, { cause: error });
        await delay(200);
      }
    }
  }

  /** One message as it is, to any exchange. Rejects when it is returned, refused or not confirmed within 10 s. */
  async once(exchange: string, routingKey: string, content: Buffer, options: Record<string, unknown> & { messageId?: string }): Promise<void> {
    const channel = await this.channel();
    await new Promise<void>((resolve, reject) => {
      const lost = () => reject(new Error('the channel closed before the confirm'));
      const timer = setTimeout(() => reject(new Error('no confirm within 10 s')), 10_000);
      const onReturn = (message: { properties: { messageId: unknown } }) => {
        if (message.properties.messageId === options.messageId) reject(new Error('returned as unroutable'));
      };
      channel.once('close', lost).on('return', onReturn);
      const done = (error: unknown) => {
        clearTimeout(timer);
        channel.off('close', lost).off('return', onReturn);
        if (error) reject(error instanceof Error ? error : new Error('refused by the broker'));
        else resolve();
      };
      try {
        channel.publish(exchange, routingKey, content, { persistent: true, mandatory: true, ...options }, done);
      } catch (error) {
        done(error);
      }
    });
  }

  async close(): Promise<void> {
    await this.opening?.then((channel) => channel.close()).catch(() => undefined);
    await this.connection?.close().catch(() => undefined);
  }

  private channel(): Promise<ConfirmChannel> {
    this.opening ??= this.open();
    this.opening.catch(() => (this.opening = undefined));
    return this.opening;
  }

  private async open(): Promise<ConfirmChannel> {
    const connection = await connect(this.url, { heartbeat: 5, timeout: 5_000 } as Parameters<typeof connect>[1]);
    this.connection = connection;
    connection.on('error', () => undefined);
    const channel = await connection.createConfirmChannel();
    channel.setMaxListeners(0);
    channel.on('error', () => undefined);
    const forget = () => (this.opening = undefined);
    channel.on('close', forget);
    connection.on('close', forget);
    return channel;
  }
}
