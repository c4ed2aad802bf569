import { jobQueueName } from '@app/contracts';
import { type Logger, within } from '@app/core';
import type { RabbitConnection } from '../connection/connection.js';
import { KeptChannel } from '../connection/kept-channel.js';
import type { QueueDepth } from './queue-depth.js';

const ANSWER_WITHIN_MS = 3_000;
/** A deleted queue is declared again only after this time, see `ConfirmPublisher`. */
const MISSING_MS = 2_000;

/**
 * Reads every quarter of a second how many messages are ready in a queue: by passive declares on one channel that is kept, which takes 0.2 ms each. The first look at
 * a queue declares it. A queue that is gone closes the channel, and is left alone for two seconds. Where the account may not declare passively, each look is a
 * declaration on a channel of its own.
 */
export class ReadyCounts {
  private readonly kept: KeptChannel;
  private readonly declared = new Set<string>();
  private readonly missing = new Map<string, number>();

  constructor(
    private readonly connection: RabbitConnection,
    private readonly depth: QueueDepth,
    logger: Logger,
  ) {
    this.kept = new KeptChannel(
      'the channel that counts ready messages',
      'How many messages are ready is read on a channel for each look, which costs the broker more.',
      async () => this.declared.clear(),
      connection.account,
      logger,
    );
    connection.add(this.kept);
  }

  /** The number of ready messages; null when it cannot be read now. Never rejects. */
  async of(queue: string): Promise<number | null> {
    if (this.connection.blocked !== undefined || (this.missing.get(queue) ?? 0) > performance.now()) return null;
    const { channel } = this.kept;
    if (!channel || !this.declared.has(queue)) {
      const count = await this.depth.of(queue);
      if (count !== null) this.declared.add(queue);
      return count;
    }
    let count: number | null = null;
    try {
      const asking = channel.checkQueue(jobQueueName(queue)).then(({ messageCount }) => (count = messageCount));
      if (await within(ANSWER_WITHIN_MS, asking)) await asking;
    } catch {
      this.declared.delete(queue);
      this.missing.set(queue, performance.now() + MISSING_MS);
    }
    return count;
  }

  close(): void {
    this.kept.close();
  }
}
