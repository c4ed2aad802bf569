import type { WakeUp } from '@app/core';
import { type Link, SimBroker } from '../simulation/broker.js';
import { SimProcess } from '../simulation/process.js';
import { Random } from '../simulation/random.js';
import { Schedule } from '../simulation/schedule.js';
import { SimConsumer, SimPublisher } from '../simulation/transport.js';
import type { BrokerWorld } from './broker-world.js';
import { brokerSuite, PREFETCH } from './broker.suite.js';

const QUEUE = 'default';

async function simulatedBroker(): Promise<BrokerWorld> {
  const schedule = new Schedule(new Random(1), { usual: 3, rare: 50 });
  const broker = new SimBroker(schedule);
  const process = new SimProcess('p', schedule);
  const deliveries: WakeUp[] = [];
  const publisher = new SimPublisher(process, broker, new Set(), () => undefined);
  const consumer = new SimConsumer(process, broker, QUEUE, (delivery) => deliveries.push(delivery));
  const until = async (what: string, holds: () => boolean): Promise<void> => {
    while (!holds()) if (!(await schedule.next())) throw new Error(`expected ${what}, but nothing is left to happen`);
  };
  return {
    queue: QUEUE,
    publisher,
    deliveries,
    until,
    consume: async () => {
      await until('a link', () => consumer.current !== undefined);
      await finish(consumer.setPrefetch(PREFETCH));
    },
    breakLink: async () => broker.break(consumer.current as Link),
    deleteQueue: async () => broker.delete(QUEUE),
    finish,
    close: async () => process.crash(),
  };

  async function finish<Value>(promise: Promise<Value>): Promise<Value> {
    let over = false;
    const end = () => void (over = true);
    promise.then(end, end);
    await until('the end of a promise', () => over);
    return promise;
  }
}

describe('the simulated broker', () => brokerSuite(simulatedBroker));
