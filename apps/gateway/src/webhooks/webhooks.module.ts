import { NotificationsModule, ReplayDeliveries, TestEndpoint } from '@app/notifications';
import { Module } from '@nestjs/common';
import { CoreModule } from '../core/core.module.js';
import { BoundsModule } from '../http/bounds.module.js';
import { WebhookDeliveriesController } from './deliveries.controller.js';
import { EndpointsController } from './endpoints.controller.js';

@Module({
  imports: [CoreModule, BoundsModule, NotificationsModule],
  controllers: [EndpointsController, WebhookDeliveriesController],
  providers: [ReplayDeliveries, TestEndpoint],
})
export class WebhooksModule {}
