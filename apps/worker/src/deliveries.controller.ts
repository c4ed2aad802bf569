import type { Delivery } from '@app/core';
import { JOB_DELIVERY } from '@app/rabbitmq';
import { WorkerHost } from '@app/host';
import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';

/** Receives the worker's AMQP deliveries. Like an HTTP controller it is thin: it passes each delivery to the use case. */
@Controller()
export class DeliveriesController {
  constructor(private readonly host: WorkerHost) {}

  @EventPattern(JOB_DELIVERY)
  handle(delivery: Delivery): Promise<void> {
    return this.host.runner.handle(delivery);
  }
}
