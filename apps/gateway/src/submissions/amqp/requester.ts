import { outcomeEvent } from '@app/views';
import { REPLY_CHANNEL } from '@app/contracts';
import type { JobId, NotifyEntry, Refusal } from '@app/core';
import { CONFIG, Store } from '@app/host';
import { Inject, Injectable } from '@nestjs/common';
import type { ConsumeMessage } from 'amqplib';
import type { GatewayConfig } from '../../gateway.config.js';
import { problem } from '../../http/problem.filter.js';
import { GatewayBroker } from '../../modes/distributed/gateway-broker.js';
import { replyEntry } from './read-submission.js';

/**
 * Whoever published with `reply_to` and waits for one answer: of its job's outcome, which settlement sends, or of what is told
 * here. The door does not wait for it: the dead letter, or the job, is there already.
 */
@Injectable()
export class Requester {
  constructor(
    private readonly broker: GatewayBroker,
    private readonly store: Store,
    @Inject(CONFIG) private readonly config: GatewayConfig,
  ) {}

  /** A message was refused: a problem, as HTTP would answer it, with the dead letter as its instance. */
  refused({ properties }: ConsumeMessage, refusal: Refusal, letter: string): void {
    const reply = replyEntry(properties);
    if (reply === undefined || !this.config.mayReply(reply.to)) return;
    void this.broker.replies.send({
      to: reply.to,
      correlationId: reply.id ?? null,
      messageId: `${letter}.refused`,
      type: 'refused',
      contentType: 'application/problem+json',
      body: problem(refusal.code, refusal.message, `/dead-letters/${letter}`, refusal.faults),
    });
  }

  /**
   * The same request again, of which there is a job: mostly of a requester who has lost its connection, and its reply queue with
   * it. The outcome goes to where it waits now, too; at once, if the job has ended.
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
