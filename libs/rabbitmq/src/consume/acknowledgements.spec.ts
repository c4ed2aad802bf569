import type { ConsumeMessage } from 'amqplib';
import { Acknowledgements } from './acknowledgements.js';

const message = (deliveryTag: number) => ({ fields: { deliveryTag } }) as ConsumeMessage;
const turn = () => new Promise((resolve) => setImmediate(resolve));

function open(...tags: number[]) {
  const sent: string[] = [];
  const acks = new Acknowledgements({ ack: ({ fields }, upTo) => void sent.push(`${upTo ? '<=' : ''}${String(fields.deliveryTag)}`) });
  for (const tag of tags) acks.opened(message(tag));
  return { acks, sent };
}

test('all that were accepted in one turn, in whatever order, are acked by one frame', async () => {
  const { acks, sent } = open(1, 2, 3);
  for (const tag of [3, 1, 2]) acks.accept(message(tag));
  await turn();
  expect(sent).toEqual(['<=3']);
});

test('a delivery that is still open is never acked by a later one', async () => {
  const { acks, sent } = open(1, 2, 3, 4);
  for (const tag of [1, 3, 4]) acks.accept(message(tag));
  await turn();
  expect(sent).toEqual(['<=1', '3', '4']);
  acks.accept(message(2));
  await turn();
  expect(sent.at(-1)).toBe('<=2');
});

test('one that was rejected or released does not stand in the way', async () => {
  const { acks, sent } = open(1, 2, 3);
  acks.settled(message(2));
  acks.accept(message(3));
  acks.accept(message(1));
  await turn();
  expect(sent).toEqual(['<=3']);
});

test('what was accepted is sent at once by a flush, and once', async () => {
  const { acks, sent } = open(1, 2);
  acks.accept(message(1));
  acks.flush();
  await turn();
  expect(sent).toEqual(['<=1']);
});
