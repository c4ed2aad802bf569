import { Module } from '@nestjs/common';
import { CoreModule } from '../../core/core.module.js';
import { RecorderService } from '../../dead-letters/recorder.service.js';
import { AmqpSubmissionsModule } from '../../submissions/amqp/amqp-submissions.module.js';
import { GatewayService } from '../gateway.service.js';
import { BrokerModule } from './broker.module.js';
import { DistributedService } from './distributed.service.js';
import { distributedProviders } from './wired.js';

/** Distributed mode: RabbitMQ between the gateway and its workers. */
@Module({
  imports: [CoreModule, BrokerModule, AmqpSubmissionsModule],
  providers: [...distributedProviders, RecorderService, { provide: GatewayService, useClass: DistributedService }],
  exports: [GatewayService],
})
export class DistributedModule {}
