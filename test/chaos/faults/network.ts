import { setTimeout as delay } from 'node:timers/promises';
import type { TcpProxy } from '../../support/index.js';
import type { Arena, Scenario } from '../support/scenario.js';

interface Cut {
  name: string;
  strike: (proxy: TcpProxy) => Promise<void> | void;
  ms: number;
}

const CUTS: Cut[] = [
  { name: 'is cut', strike: (proxy) => proxy.cut(), ms: 0 },
  { name: 'is reset', strike: (proxy) => proxy.reset(), ms: 0 },
  { name: 'is refused for a while', strike: (proxy) => proxy.refuse(), ms: 5_000 },
  { name: 'is slow: 300 ms each way', strike: (proxy) => proxy.latency(300), ms: 8_000 },
  { name: 'is half-open: nothing passes, nothing closes', strike: (proxy) => proxy.blackhole(), ms: 12_000 },
  { name: 'loses its requests only', strike: (proxy) => proxy.deafen('requests'), ms: 12_000 },
  { name: 'loses its answers only', strike: (proxy) => proxy.deafen('answers'), ms: 12_000 },
];

const ENDS: { name: string; proxy: (arena: Arena) => TcpProxy }[] = [
  { name: 'RabbitMQ', proxy: ({ world }) => world.amqpProxy },
  { name: 'PostgreSQL', proxy: ({ world }) => world.databaseProxy },
];

export const networkFaults: Scenario[] = ENDS.flatMap(({ name: end, proxy }) =>
  CUTS.map(({ name, strike, ms }) => ({
    name: `the connection to ${end} ${name}`,
    group: 'network' as const,
    strike: async (arena: Arena) => {
      await strike(proxy(arena));
      if (ms > 0) await delay(ms);
      await proxy(arena).heal();
      arena.world.healed();
    },
    quietWithinMs: 120_000,
  })),
);
