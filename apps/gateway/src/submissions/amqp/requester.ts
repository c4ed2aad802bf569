import { outcomeEvent } from '@app/views';
import type { JobId, JobReader, Refusal, ReplyAddress, ReplyControl } from '@app/core';
import type { Replies } from '@app/rabbitmq';
import type { ConsumeMessage } from 'amqplib';
import { problem } from '../../http/problem.filter.js';
import { replyAddress } from './read-submission.js';
import type { MayReply } from './reply-queues.js';

/**
 * Whoever published with `reply_to` and waits for one answer: of its job's outcome, which settlement sends, or of what is told
 * here. The door does not wait for it: the dead letter, or the job, is there already.
 */
export class Requester {
  constructor(
    private readonly replies: Replies,
    private readonly jobs: JobReader & ReplyControl,
    private readonly mayReply: MayReply,
  ) {}

  /** A message was refused: a problem, as HTTP would answer it, with the dead letter as its instance. */
  refused({ properties }: ConsumeMessage, refusal: Refusal, letter: string): void {
    const { replyTo, correlationId = null } = replyAddress(properties);
    if (replyTo === undefined || !this.mayReply(replyTo)) return;
    void this.replies.send({
      to: replyTo,
      correlationId,
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
  async repeated(id: JobId, { replyTo, correlationId }: Partial<ReplyAddress>): Promise<void> {
    if (replyTo === undefined || correlationId === undefined) return;
    if (await this.jobs.addReply(id, { replyTo, correlationId })) return;
    const job = await this.jobs.find(id);
    if (!job) return;
    const { messageId, routingKey, body } = outcomeEvent(job);
    void this.replies.send({ to: replyTo, correlationId, messageId, type: routingKey, contentType: 'application/json', body });
  }
}
