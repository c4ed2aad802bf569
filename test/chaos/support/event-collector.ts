import { setTimeout as delay } from 'node:timers/promises';
import type { JobView } from '@app/contracts';
import { type Channel, type ChannelModel, connect } from 'amqplib';

/** A consumer of outcome events as another service would have it: its own durable queue, acks, reconnects. */
export class EventCollector {
  /** By job, in the order of arrival. */
  readonly events = new Map<string, { messageId: string; state: string; redelivered: boolean }[]>();
  private readonly stop = new AbortController();
  private connection: ChannelModel | undefined;
  private loop: Promise<void> = Promise.resolve();

  constructor(private readonly url: string) {}

  async start(): Promise<void> {
    let first!: () => void;
    const subscribed = new Promise<void>((resolve) => (first = resolve));
    this.loop = this.keep(first);
    await subscribed;
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.connection?.close().catch(() => undefined);
    await this.loop;
  }

  private async keep(subscribed: () => void): Promise<void> {
    while (!this.stop.signal.aborted) {
      try {
        const connection = await connect(this.url, { heartbeat: 5 } as Parameters<typeof connect>[1]);
        this.connection = connection;
        const closed = new Promise((resolve) => connection.once('close', resolve));
        connection.on('error', () => undefined);
        const channel = await connection.createChannel();
        channel.on('error', () => undefined);
        await this.subscribe(channel);
        subscribed();
        await closed;
      } catch {
        // The broker is away.
      }
      await delay(300);
    }
  }

  private async subscribe(channel: Channel): Promise<void> {
    await channel.assertExchange('longhaul.events', 'topic', { durable: true });
    await channel.assertQueue('chaos.events', { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    await channel.bindQueue('chaos.events', 'longhaul.events', '#');
    await channel.prefetch(500);
    await channel.consume('chaos.events', (message) => {
      if (!message) return;
      const view = JSON.parse(message.content.toString()) as JobView;
      const event = { messageId: String(message.properties.messageId), state: view.state, redelivered: message.fields.redelivered };
      this.events.set(view.id, [...(this.events.get(view.id) ?? []), event]);
      try {
        channel.ack(message);
      } catch {
        // The channel has closed: the event comes again.
      }
    });
  }
}
