import type { WakeUp } from '@app/core';
import { JOB_DELIVERY } from '@app/rabbitmq';
import { WorkerService } from '@app/host';
import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';

/** Receives the worker's AMQP messages. Like an HTTP controller it is thin: it passes each message to the use case. */
@Controller()
export class DeliveriesController {
  constructor(private readonly worker: WorkerService) {}

  @EventPattern(JOB_DELIVERY)
  handle(message: WakeUp): void {
    this.worker.inbox.receive(message);
  }
}
