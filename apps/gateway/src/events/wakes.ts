import type { ChangeListener } from '@app/core';
import type { EventFeed } from './event-feed.js';
import type { EventHub } from './event-hub.js';

/** Wakes the readers of jobs that have changed. */
export function wakes(hub: EventHub, feed: EventFeed): ChangeListener {
  return (jobIds) => {
    hub.wake(jobIds);
    feed.wake(jobIds);
  };
}
