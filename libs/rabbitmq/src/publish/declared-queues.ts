import { within } from '@app/core';
import type { ChannelModel } from 'amqplib';
import { LASTING_PAUSE_MS, type RabbitConnection } from '../connection/connection.js';
import { explained, isLasting } from '../connection/explained.js';
import { jobQueueParts } from '../topology/topology.js';

/**
 * A deleted queue is declared again only after this time. If it is declared at once, RabbitMQ 3.10 neither cancels its consumers nor serves
 * them, and sends them messages that never arrive (10 times of 10, measured). Until then messages to the queue are returned, and wait.
 */
const REDECLARE_MS = 2_000;

/** The job queues that a publisher has declared on its connection. */
export class DeclaredQueues {
  private connected: ChannelModel | undefined;
  private declared = new Map<string, Promise<unknown>>();

  constructor(
    private readonly connection: RabbitConnection,
    private readonly withinMs: number,
  ) {}

  /** On a new connection all are declared again. */
  forgetAll(connected: ChannelModel): void {
    this.connected = connected;
    this.declared = new Map();
  }

  /** The queue may have been deleted, so it is declared again before a later try. */
  doubt(queue: string): void {
    const { declared } = this;
    setTimeout(() => declared.delete(queue), REDECLARE_MS).unref();
  }

  /**
   * Declares the queue on another channel than the publishing one: a queue that exists with other arguments closes the channel of the
   * declaration, and the confirms on it would be lost. Such a queue is declared again only after a while. Rejects without a connection.
   */
  async ensure(queue: string): Promise<unknown> {
    const { connected, declared } = this;
    if (!connected) throw new Error('there is no connection to RabbitMQ');
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
    if (await within(this.withinMs, declaring)) await declaring;
    else throw new Error(`expected queue ${queue} to be declared within ${this.withinMs} ms, got no answer`);
  }
}
