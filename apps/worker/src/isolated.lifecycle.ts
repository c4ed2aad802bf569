import { Lifecycle, OwnHandlers, Store } from '@app/host';
import { WebhookSender } from '@app/notifications';
import { Injectable } from '@nestjs/common';

/** What a child process starts, in this order. */
@Injectable()
export class IsolatedLifecycle extends Lifecycle {
  constructor(store: Store, sender: WebhookSender, handlers: OwnHandlers) {
    super([store, sender, handlers]);
  }
}
