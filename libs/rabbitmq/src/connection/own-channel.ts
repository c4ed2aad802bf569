import { within } from '@app/core';
import type { Channel, ChannelModel } from 'amqplib';

const CLOSE_WITHIN_MS = 3_000;

/** Does something that the broker may answer by closing the channel, on a channel of its own, so that nothing else is on it. */
export async function onOwnChannel<Result>(connection: ChannelModel, work: (channel: Channel) => Promise<Result>): Promise<Result> {
  const channel = await connection.createChannel();
  // What the broker has against it comes as the rejection of `work` too.
  channel.on('error', () => undefined);
  const result = await work(channel);
  await within(CLOSE_WITHIN_MS, (async () => channel.close())());
  return result;
}
