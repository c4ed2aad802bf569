import { Module } from '@nestjs/common';
import { CoreModule } from '../core/core.module.js';
import { EventsModule } from '../events/events.module.js';
import { ScheduleStreamController } from './schedule-stream.controller.js';
import { SchedulesController } from './schedules.controller.js';
import { SchedulesService } from './schedules.service.js';
import { scheduleProviders } from './wired.js';

@Module({
  imports: [CoreModule, EventsModule],
  controllers: [ScheduleStreamController, SchedulesController],
  providers: [...scheduleProviders, SchedulesService],
  exports: [SchedulesService],
})
export class SchedulesModule {}
