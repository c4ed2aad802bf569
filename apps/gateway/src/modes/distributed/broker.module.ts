import { Module } from '@nestjs/common';
import { EventsModule } from '../../events/events.module.js';
import { GatewayBroker } from './gateway-broker.js';

@Module({ imports: [EventsModule], providers: [GatewayBroker], exports: [GatewayBroker] })
export class BrokerModule {}
