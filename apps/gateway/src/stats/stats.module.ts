import { AlertWatch } from '@app/core';
import { NotificationsModule } from '@app/notifications';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { CoreModule } from '../core/core.module.js';
import { EventsModule } from '../events/events.module.js';
import { AlertsController } from './alerts.controller.js';
import { SeenAlerts } from './seen-alerts.js';
import { SeenBeside } from './beside.js';
import { DepthSampler } from './depth-sampler.js';
import { DoctorController } from './doctor.controller.js';
import { StatsController } from './stats.controller.js';
import { statsProviders } from './wired.js';

@Module({
  imports: [CoreModule, EventsModule, NotificationsModule],
  controllers: [StatsController, DoctorController, AlertsController],
  providers: [DepthSampler, SeenBeside, SeenAlerts, ...statsProviders],
  exports: [AlertWatch, DepthSampler],
})
export class StatsModule {
  /** `mode`: the module that exports the `GatewayService`, which knows whether the broker can be reached. */
  static of(mode: Type<unknown>): DynamicModule {
    return { module: StatsModule, imports: [mode] };
  }
}
