import type { ChannelModel } from 'amqplib';
import { isAbsent, isDenied } from '../connection/explained.js';
import { onOwnChannel } from '../connection/own-channel.js';
import { describePart, type Part, TOPOLOGY } from './topology.js';

/** The exchanges and queues of the topology that are not there. It changes nothing. One that the account may not look at counts as there; bindings cannot be looked at. */
export async function absentParts(connection: ChannelModel): Promise<string[]> {
  const absent: string[] = [];
  for (const part of TOPOLOGY) if (await isMissing(connection, part)) absent.push(describePart(part));
  return absent;
}

async function isMissing(connection: ChannelModel, part: Part): Promise<boolean> {
  if (part.type === 'binding') return false;
  try {
    await onOwnChannel(connection, async (channel) => {
      if (part.type === 'exchange') await channel.checkExchange(part.name);
      else await channel.checkQueue(part.name);
    });
    return false;
  } catch (error) {
    if (isDenied(error)) return false;
    if (!isAbsent(error)) throw error;
    return true;
  }
}
