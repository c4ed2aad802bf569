import type { ChangeListener } from '@app/core';
import type { EventFeed } from './event-feed.js';
import type { EventHub } from './event-hub.js';

/** Told of changed jobs, wakes whoever reads of them. */
export function wakes(hub: EventHub, feed: EventFeed): ChangeListener {
  return (jobIds) => {
    hub.wake(jobIds);
    feed.wake(jobIds);
  };
}
