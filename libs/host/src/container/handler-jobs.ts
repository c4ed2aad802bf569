import { HandlerRegistry, Jobs } from '@app/sdk';
import { Injectable } from '@nestjs/common';
import { submitWithin } from '../jobs-within.js';
import { Store } from '../store.js';
import { AcceptedJobs } from './accepted-jobs.js';
import { Channels } from './channels.js';

/** `Jobs` for the handlers of this process. */
@Injectable()
export class HandlerJobs extends Jobs {
  constructor(store: Store, kinds: HandlerRegistry, channels: Channels, accepted: AcceptedJobs) {
    super(
      submitWithin({
        store,
        kinds,
        channels: channels.byName,
        committed: (wakeUp) => accepted.accepted(wakeUp),
        waiting: (limited) => accepted.waiting(limited),
        joinedCommitted: () => accepted.joined(),
      }),
    );
  }
}
