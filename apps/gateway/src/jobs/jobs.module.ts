import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { BoundsModule } from '../http/bounds.module.js';
import { SubmissionsModule } from '../submissions/submissions.module.js';
import { JobWaiter } from './job-waiter.js';
import { JobsController } from './jobs.controller.js';
import { RunTimes } from './run-times.js';

@Module({ imports: [SubmissionsModule, EventsModule, BoundsModule], controllers: [JobsController], providers: [JobWaiter, RunTimes], exports: [RunTimes] })
export class JobsModule {}
