import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { BoundsModule } from '../http/bounds.module.js';
import { AuditStreamController } from './audit-stream.controller.js';
import { KeyStreamController } from './key-stream.controller.js';

/** Apart from the rights, which streams themselves rest on. */
@Module({ imports: [EventsModule, BoundsModule], controllers: [AuditStreamController, KeyStreamController] })
export class RightsStreamsModule {}
