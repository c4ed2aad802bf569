import { outcomeEvent } from '@app/views';
import { REPLY_CHANNEL } from '@app/contracts';
import { type JobId, type NotifyEntry, type Refusal, writeJson } from '@app/core';
import { accountOf, CONFIG, replyEntry, Store } from '@app/host';
import { Inject, Injectable } from '@nestjs/common';
import type { ConsumeMessage } from 'amqplib';
import type { GatewayConfig } from '../../gateway.config.js';
import { problem } from '../../http/problem.filter.js';
import { GatewayBroker } from '../../modes/distributed/gateway-broker.js';

/**
 * Answers a producer that has published with `reply_to` and waits for one answer: the outcome of its job, which the settlement sends, or one of
 * the answers of this class. The intake does not wait for the answer, because the dead letter or the job is already stored.
 */
@Injectable()
export class Requester {
  constructor(
    private readonly broker: GatewayBroker,
    private readonly store: Store,
    @Inject(CONFIG) private readonly config: GatewayConfig,
  ) {}

  /** Sends the answer to a refused message: a problem as over HTTP, with the dead letter as its instance. */
  refused({ properties }: ConsumeMessage, refusal: Refusal, letter: string): void {
    const reply = replyEntry(properties);
    if (reply === undefined || !this.config.mayReply(reply.to, accountOf(properties))) return;
    void this.broker.replies.send({
      to: reply.to,
      correlationId: reply.id ?? null,
      messageId: `${letter}.refused`,
      type: 'refused',
      contentType: 'application/problem+json',
      body: writeJson(problem(refusal.code, refusal.message, `/dead-letters/${letter}`, refusal.faults)),
    });
  }

  /**
   * Handles a repeated request whose job exists: mostly the requester has lost its connection, and its reply queue with it. The outcome is
   * also sent to its new address; at once when the job has ended.
   */
  async repeated(id: JobId, notify: readonly NotifyEntry[] = []): Promise<void> {
    for (const entry of notify) if (entry.channel === REPLY_CHANNEL && entry.id) await this.reply(id, entry.to, entry.id);
  }

  private async reply(id: JobId, to: string, correlationId: string): Promise<void> {
    if (await this.store.jobs.addNotify(id, { channel: REPLY_CHANNEL, to, id: correlationId })) return;
    const job = await this.store.jobs.find(id);
    if (!job) return;
    const { messageId, routingKey, body } = outcomeEvent(job);
    void this.broker.replies.send({ to, correlationId, messageId, type: routingKey, contentType: 'application/json', body });
  }
}
