import { Admission, PruneFinished, SubmitJob } from '@app/core';
import { AcceptedJobs, RedriveLetter } from '@app/host';
import { NotificationHandlersModule } from '@app/notifications';
import { StorageModule } from '@app/storage';
import { Module } from '@nestjs/common';
import { BoundsModule } from '../http/bounds.module.js';
import { coreProviders } from './wired.js';

/** The use cases of the core, the same in both modes. The module of the mode listens to `AcceptedJobs`, to run or publish accepted jobs. */
@Module({
  imports: [BoundsModule, StorageModule, NotificationHandlersModule],
  providers: [AcceptedJobs, ...coreProviders],
  exports: [AcceptedJobs, Admission, SubmitJob, PruneFinished, RedriveLetter, NotificationHandlersModule],
})
export class CoreModule {}
