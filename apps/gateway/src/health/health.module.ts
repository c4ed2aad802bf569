import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { CoreModule } from '../core/core.module.js';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';

@Module({ imports: [CoreModule], controllers: [HealthController, MetricsController] })
export class HealthModule {
  /** `mode`: the module that exports the `GatewayService` whose health is shown. */
  static of(mode: Type<unknown>): DynamicModule {
    return { module: HealthModule, imports: [mode] };
  }
}
