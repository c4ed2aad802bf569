import { Lifecycle, OwnHandlers, Store, WorkerService } from '@app/host';
import { TellOutcomes, WebhookSender } from '@app/notifications';
import { Injectable } from '@nestjs/common';

/** What a worker starts, in this order. Its transport is Nest's to open and to close. */
@Injectable()
export class WorkerLifecycle extends Lifecycle {
  constructor(store: Store, sender: WebhookSender, handlers: OwnHandlers, worker: WorkerService, telling: TellOutcomes) {
    super([store, sender, handlers, worker, telling]);
  }
}
