import { StorageModule } from '@app/storage';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { CoreModule } from '../core/core.module.js';
import { EventsModule } from '../events/events.module.js';
import { JobEventsController } from '../events/job-events.controller.js';
import { WhyBeside } from '../events/why-beside.js';
import { BoundsModule } from '../http/bounds.module.js';
import { SubmissionsModule } from '../submissions/submissions.module.js';
import { JobWaiter } from './job-waiter.js';
import { BulkController } from './bulk.controller.js';
import { ErasuresController } from './erasures.controller.js';
import { DryRuns } from './dry-runs.js';
import { JobsController } from './jobs.controller.js';
import { RedriveController } from './redrive.controller.js';
import { RunTimes } from './run-times.js';
import { StatusController } from '../status/status.controller.js';
import { StatusLinksController } from '../status/status-links.controller.js';
import { StepsController } from './steps.controller.js';
import { WhyController } from './why.controller.js';
import { whyProviders } from './wired.js';

@Module({
  imports: [CoreModule, SubmissionsModule, EventsModule, BoundsModule, StorageModule],
  controllers: [
    JobEventsController,
    BulkController,
    ErasuresController,
    JobsController,
    RedriveController,
    StatusLinksController,
    StatusController,
    StepsController,
    WhyController,
  ],
  providers: [DryRuns, JobWaiter, RunTimes, WhyBeside, ...whyProviders],
  exports: [RunTimes],
})
export class JobsModule {
  /** `mode`: the module that exports the `GatewayService`, which knows whether the broker can be reached. */
  static of(mode: Type<unknown>): DynamicModule {
    return { module: JobsModule, imports: [mode] };
  }
}
