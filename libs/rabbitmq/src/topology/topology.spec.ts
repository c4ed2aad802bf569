import { readFileSync } from 'node:fs';
import { CHANGES, CONTROL } from './hints.js';
import { commandFor, jobQueueParts, type Part, TOPOLOGY } from './topology.js';

interface Definitions {
  exchanges: { name: string; type: string; durable: boolean }[];
  queues: { name: string; durable: boolean; arguments: object }[];
  bindings: { source: string; destination: string; routing_key: string }[];
}

test('the definitions that operators import are what Longhaul declares (C23)', () => {
  const docs = readFileSync(new URL('../../../../docs/operate/rabbitmq.md', import.meta.url), 'utf8');
  const { exchanges, queues, bindings } = JSON.parse(/```json\n(.*?)```/s.exec(docs)?.[1] ?? '') as Definitions;
  const documented: Part[] = [
    ...exchanges.map(({ name, type }): Part => ({ type: 'exchange', name, of: type as 'topic' })),
    ...queues.map((queue): Part => ({ type: 'queue', name: queue.name, arguments: queue.arguments as Record<string, string> })),
    ...bindings.map(({ source, destination, routing_key: key }): Part => ({ type: 'binding', queue: destination, exchange: source, key })),
  ];
  const declared = [...TOPOLOGY, ...CHANGES.parts, ...CONTROL.parts, ...jobQueueParts('default')];
  expect(documented).toHaveLength(declared.length);
  expect(documented).toEqual(expect.arrayContaining([...declared]));
  expect([...exchanges, ...queues].every(({ durable }) => durable)).toBe(true);
});

test('each part that is missing is told with the command that makes it (C23)', () => {
  expect([...TOPOLOGY.slice(0, 1), ...jobQueueParts('mails')].map(commandFor)).toEqual([
    'rabbitmqadmin declare exchange name=longhaul.submit type=topic durable=true',
    `rabbitmqadmin declare queue name=longhaul.jobs.mails durable=true arguments='{"x-queue-type":"quorum","x-delivery-limit":100,"x-dead-letter-exchange":"longhaul.dlx","x-dead-letter-strategy":"at-least-once","x-overflow":"reject-publish"}'`,
    "rabbitmqadmin declare binding source=longhaul.jobs destination_type=queue destination=longhaul.jobs.mails routing_key='mails'",
  ]);
});
