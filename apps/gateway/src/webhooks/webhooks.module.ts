import { NotificationsModule, ReplayDeliveries, TestEndpoint } from '@app/notifications';
import { Module } from '@nestjs/common';
import { CoreModule } from '../core/core.module.js';
import { BoundsModule } from '../http/bounds.module.js';
import { EventsModule } from '../events/events.module.js';
import { WebhookDeliveriesController } from './deliveries.controller.js';
import { EndpointsController } from './endpoints.controller.js';
import { WebhookStreamController } from './webhook-stream.controller.js';

@Module({
  imports: [CoreModule, BoundsModule, EventsModule, NotificationsModule],
  controllers: [WebhookStreamController, EndpointsController, WebhookDeliveriesController],
  providers: [ReplayDeliveries, TestEndpoint],
})
export class WebhooksModule {}
