import { Module } from '@nestjs/common';
import { CoreModule } from '../../core/core.module.js';
import { BrokerModule } from '../../modes/distributed/broker.module.js';
import { IntakeService } from './intake.service.js';
import { Requester } from './requester.js';

/** Submissions over AMQP. */
@Module({ imports: [CoreModule, BrokerModule], providers: [Requester, IntakeService], exports: [IntakeService] })
export class AmqpSubmissionsModule {}
