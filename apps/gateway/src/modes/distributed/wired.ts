import { LeaseSweeper, type Logger, type Metrics, OutboxRelay, ReleasePass } from '@app/core';
import { AcceptedJobs, CONFIG, LOGGER, METRICS, passParts, relayParts, Store, sweeperParts } from '@app/host';
import { Inject, Injectable, type Provider } from '@nestjs/common';
import type { GatewayConfig } from '../../gateway.config.js';
import { QueueRemover } from '../../queues/queue-remover.js';
import { GatewayBroker } from './gateway-broker.js';

// Classes that only a gateway with a broker uses. Each has a constructor that Nest can call.

/** Publishes the jobs that this process accepts at once, and from the outbox those that no process has published. */
@Injectable()
export class WiredOutboxRelay extends OutboxRelay {
  constructor(store: Store, broker: GatewayBroker, @Inject(LOGGER) logger: Logger) {
    super(relayParts({ store, logger }, broker.publisher));
  }
}

/** Releases jobs from the waiting room, and hears of the jobs that this process accepts. */
@Injectable()
export class WiredReleasePass extends ReleasePass {
  constructor(
    store: Store,
    broker: GatewayBroker,
    relay: OutboxRelay,
    accepted: AcceptedJobs,
    @Inject(LOGGER) logger: Logger,
    @Inject(METRICS) metrics: Metrics,
  ) {
    super(passParts({ store, logger, metrics }, broker, relay));
    accepted.listen({
      accepted: (wakeUp) => relay.publishNow(wakeUp),
      waiting: (limited) => this.waiting(limited),
      joined: () => relay.nudge(),
    });
  }
}

@Injectable()
export class WiredLeaseSweeper extends LeaseSweeper {
  constructor(
    store: Store,
    broker: GatewayBroker,
    relay: OutboxRelay,
    @Inject(CONFIG) config: GatewayConfig,
    @Inject(LOGGER) logger: Logger,
    @Inject(METRICS) metrics: Metrics,
  ) {
    super(
      sweeperParts(
        { store, config, logger, metrics },
        () => null,
        (queue) => broker.depth.of(queue),
        () => relay.nudge(),
      ),
    );
  }
}

@Injectable()
export class WiredQueueRemover extends QueueRemover {
  constructor(store: Store, broker: GatewayBroker, @Inject(LOGGER) logger: Logger) {
    super(store.queues, (queue) => broker.depth.remove(queue), logger);
  }
}

export const distributedProviders: Provider[] = [
  { provide: OutboxRelay, useClass: WiredOutboxRelay },
  { provide: ReleasePass, useClass: WiredReleasePass },
  { provide: LeaseSweeper, useClass: WiredLeaseSweeper },
  { provide: QueueRemover, useClass: WiredQueueRemover },
];
