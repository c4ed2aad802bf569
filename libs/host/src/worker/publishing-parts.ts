import { type Metrics, noMetrics, type OutboxRelay, type PassDependencies, type Publisher, type RelayDependencies, systemClock } from '@app/core';
import type { HostDependencies } from './worker-host.js';

/** How long a row that is being published is hidden from the relays of other processes. */
const HIDE_SECONDS = 30;
/** Jobs that one pass releases of a queue. */
const MOST_RELEASED = 4_000;

/** The parts of the relay of a process that publishes. */
export function relayParts({ store, logger }: Pick<HostDependencies, 'store' | 'logger'>, publisher: Publisher): RelayDependencies {
  const config = { sweepMs: 500, batch: 500, hideSeconds: HIDE_SECONDS, maxInFlight: 1_000 };
  return { outbox: store.outbox, publisher, backlogs: store.backlogs, clock: systemClock, logger, config };
}

/** The parts of the release from the waiting room, of a process that publishes. */
export function passParts(
  { store, logger, metrics = noMetrics }: Pick<HostDependencies, 'store' | 'logger' | 'metrics'>,
  { publisher, ready }: { publisher: Publisher; ready: { of(queue: string): Promise<number | null> } },
  relay: OutboxRelay,
): PassDependencies {
  return {
    room: store.room,
    backlogs: store.backlogs,
    ready: (queue) => ready.of(queue),
    canPublish: () => publisher.ready,
    publish: (messages) => relay.publish(messages),
    released: countReleased(metrics),
    clock: systemClock,
    logger,
    config: { lookMs: 250, hurryMs: 50, fairMs: 20, retryMs: 20, hideSeconds: HIDE_SECONDS, most: MOST_RELEASED },
  };
}

/** The same without a broker: `nudge` makes this process claim what was released. */
export function localPassParts(
  { store, logger, metrics = noMetrics }: Pick<HostDependencies, 'store' | 'logger' | 'metrics'>,
  nudge: () => void,
): PassDependencies {
  const { room, backlogs } = store;
  return {
    room,
    before: () => room.enterDue(),
    only: 'limited',
    backlogs,
    ready: (queue) => room.released(queue, MOST_RELEASED),
    canPublish: () => true,
    publish: async (messages) => {
      for (const message of messages) backlogs.published(message);
      nudge();
    },
    released: countReleased(metrics),
    clock: systemClock,
    logger,
    config: { lookMs: 250, hurryMs: 50, fairMs: 20, retryMs: 20, hideSeconds: 0, most: MOST_RELEASED },
  };
}

function countReleased(metrics: Metrics): NonNullable<PassDependencies['released']> {
  return (messages) => {
    for (const { queue, jobIds } of messages) metrics.count('released_total', { queue }, jobIds.length);
  };
}
