import type { Logger } from '@app/core';
import type { Channel, ChannelModel } from 'amqplib';
import type { BrokerAccount } from '../connection/broker-account.js';
import { isAbsent, isDenied, MissingTopology } from '../connection/explained.js';
import { onOwnChannel } from '../connection/own-channel.js';
import { commandFor, declarePart, describePart, type Part } from './topology.js';

/**
 * Declares the topology with the permissions that the account has.
 *
 * First it declares a part: that makes a missing one, and RabbitMQ compares the arguments. When the account may not declare a part (403), an
 * operator must have declared it: from then on a passive declare only checks that it exists, with any arguments. There is no such check for a
 * binding; one that may not be made is assumed to exist. Each 403 closes its channel, so a channel is used for nothing else.
 */
export class Declarations {
  constructor(
    private readonly account: BrokerAccount,
    private readonly logger: Logger,
  ) {}

  /** Resolves with the number of messages in the last queue of the parts; null when the account may not read it. Rejects when a part is missing or has other arguments. */
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
            // The next channel checks whether the part exists. A part that may not be checked either is assumed to exist.
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
      // The account may be given the permission in the meantime.
      this.account.refused.delete(describePart(part));
      throw new MissingTopology(describePart(part), commandFor(part), { cause: error });
    }
  }
}
