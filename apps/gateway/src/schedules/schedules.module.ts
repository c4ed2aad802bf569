import { Module } from '@nestjs/common';
import { CoreModule } from '../core/core.module.js';
import { SchedulesController } from './schedules.controller.js';
import { SchedulesService } from './schedules.service.js';
import { scheduleProviders } from './wired.js';

@Module({ imports: [CoreModule], controllers: [SchedulesController], providers: [...scheduleProviders, SchedulesService], exports: [SchedulesService] })
export class SchedulesModule {}
