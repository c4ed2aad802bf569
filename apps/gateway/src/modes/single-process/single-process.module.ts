import { LocalWorker } from '@app/host';
import { Module } from '@nestjs/common';
import { CoreModule } from '../../core/core.module.js';
import { EventsModule } from '../../events/events.module.js';
import { GatewayService } from '../gateway.service.js';
import { SingleProcessService } from './single-process.service.js';
import { singleProcessProviders } from './wired.js';

/** Single-process mode: the gateway runs the jobs, out of PostgreSQL. */
@Module({
  imports: [CoreModule, EventsModule],
  providers: [...singleProcessProviders, LocalWorker, { provide: GatewayService, useClass: SingleProcessService }],
  exports: [GatewayService],
})
export class SingleProcessModule {}
