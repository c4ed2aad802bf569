import type { ChangeListener, Logger } from '@app/core';
import type { Store } from '@app/host';
import type { Provider } from '@nestjs/common';
import { EventFeed } from './event-feed.js';
import { EventHub } from './event-hub.js';
import type { EventsConfig } from './events.config.js';
import { EventsGateway } from './events.gateway.js';
import { EVENTS_CONFIG, EVENTS_LOGGER } from './events.tokens.js';

/** What brings events to readers; `OpenStreams` depends on how changes are heard of. */
export function eventProviders(config: EventsConfig, store: Store, logger: Logger): Provider[] {
  return [
    { provide: EVENTS_CONFIG, useValue: config },
    { provide: EVENTS_LOGGER, useValue: logger },
    { provide: EventHub, useFactory: () => new EventHub(store.events, store.jobs, logger) },
    { provide: EventFeed, useFactory: () => new EventFeed(store.events, logger) },
    EventsGateway,
  ];
}

/** Told of changed jobs, wakes whoever reads of them. */
export function wakes(hub: EventHub, feed: EventFeed): ChangeListener {
  return (jobIds) => {
    hub.wake(jobIds);
    feed.wake(jobIds);
  };
}
