import { within } from '@app/core';
import type { Channel, ChannelModel } from 'amqplib';

const CLOSE_WITHIN_MS = 3_000;

/** Does work that may make the broker close the channel. It has a channel of its own, so that nothing else is lost then. */
export async function onOwnChannel<Result>(connection: ChannelModel, work: (channel: Channel) => Promise<Result>): Promise<Result> {
  const channel = await connection.createChannel();
  // The same error also rejects `work`.
  channel.on('error', () => undefined);
  const result = await work(channel);
  await within(CLOSE_WITHIN_MS, (async () => channel.close())());
  return result;
}
