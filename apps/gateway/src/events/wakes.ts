import type { ChangeListener, JobId } from '@app/core';
import { Injectable } from '@nestjs/common';
import { EventFeed } from './event-feed.js';
import { EventHub } from './event-hub.js';
import { SharedLooks } from './shared-looks.js';

/** Wakes all who show what has changed. The module of the mode hears of changes and tells them here. */
@Injectable()
export class Wakes {
  private readonly others: ChangeListener[] = [];

  constructor(
    private readonly hub: EventHub,
    private readonly feed: EventFeed,
    private readonly looks: SharedLooks,
  ) {}

  /** Adds one who is told as well. */
  listen(other: ChangeListener): void {
    this.others.push(other);
  }

  changed(jobIds: readonly JobId[]): void {
    this.hub.wake(jobIds);
    this.feed.wake(jobIds);
    this.looks.wake(jobIds);
    for (const other of this.others) other(jobIds);
  }

  /** Call it when some changes may not have been heard of. */
  missed(): void {
    this.hub.wakeAll();
    void this.feed.refresh();
    this.looks.wake([]);
    for (const other of this.others) other([]);
  }
}
