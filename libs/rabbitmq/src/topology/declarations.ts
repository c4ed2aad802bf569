import type { Logger } from '@app/core';
import type { Channel, ChannelModel } from 'amqplib';
import type { BrokerAccount } from '../connection/broker-account.js';
import { isAbsent, isDenied, MissingTopology } from '../connection/explained.js';
import { onOwnChannel } from '../connection/own-channel.js';
import { commandFor, declarePart, describePart, type Part } from './topology.js';

/**
 * Declares the topology with what rights the account has.
 *
 * A declaration comes first: it makes what is missing, and RabbitMQ compares its arguments. Where the account may not declare a part (403), an
 * operator has declared it: it is looked for passively from then on, and is used with whatever arguments it has. A binding cannot be looked for;
 * one that may not be made is taken as made. Each 403 closes its channel, so nothing else is on it.
 */
export class Declarations {
  constructor(
    private readonly account: BrokerAccount,
    private readonly logger: Logger,
  ) {}

  /** Returns how many messages wait in the last queue of the parts; null where the account may not even look. Rejects with what is missing, or other than it should be. */
  async make(connection: ChannelModel, parts: readonly Part[]): Promise<number | null> {
    const { refused } = this.account;
    const denied: string[] = [];
    let waiting: number | null = null;
    for (let next = 0; next < parts.length;) {
      await onOwnChannel(connection, async (channel) => {
        for (; next < parts.length; next++) {
          const part = parts[next] as Part;
          const name = describePart(part);
          try {
            waiting = (refused.has(name) ? await this.lookFor(channel, part) : await declarePart(channel, part)) ?? waiting;
          } catch (error) {
            if (!isDenied(error)) throw error;
            // Looked for next, on the next channel; one that may not even be looked for is taken as there.
            if (refused.has(name)) next++;
            else denied.push(name);
            refused.add(name);
            return;
          }
        }
      });
    }
    if (denied.length > 0) this.logger.info({ denied }, 'RabbitMQ does not let this account declare all of its topology; what is there is used as it is');
    return waiting;
  }

  private async lookFor(channel: Channel, part: Part): Promise<number | undefined> {
    try {
      if (part.type === 'exchange') await channel.checkExchange(part.name);
      if (part.type === 'queue') return (await channel.checkQueue(part.name)).messageCount;
      return undefined;
    } catch (error) {
      if (!isAbsent(error)) throw error;
      // The right to declare it may be given meanwhile.
      this.account.refused.delete(describePart(part));
      throw new MissingTopology(describePart(part), commandFor(part), { cause: error });
    }
  }
}
