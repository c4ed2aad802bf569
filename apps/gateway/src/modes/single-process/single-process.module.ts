import { LocalWorker, OwnHandlers } from '@app/host';
import { StorageModule } from '@app/storage';
import { Module } from '@nestjs/common';
import { CoreModule } from '../../core/core.module.js';
import { EventsModule } from '../../events/events.module.js';
import { GatewayService } from '../gateway.service.js';
import { SingleProcessService } from './single-process.service.js';
import { singleProcessProviders } from './wired.js';

/** Single-process mode: the gateway itself runs the jobs that are in PostgreSQL. */
@Module({
  imports: [CoreModule, EventsModule, StorageModule],
  providers: [...singleProcessProviders, OwnHandlers, LocalWorker, { provide: GatewayService, useClass: SingleProcessService }],
  exports: [GatewayService],
})
export class SingleProcessModule {}
