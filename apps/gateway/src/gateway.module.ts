import { ProcessModule, PROJECT, PrometheusMetrics } from '@app/host';
import { NOTIFICATIONS_CONFIG, NotificationsModule } from '@app/notifications';
import { CatalogueModule } from '@app/sdk';
import { filesQuota, STORAGE_CONFIG, TAKE_BYTES } from '@app/storage';
import { type DynamicModule, Module } from '@nestjs/common';
import { ApiDocsModule } from './api-docs/api-docs.module.js';
import { CoreModule } from './core/core.module.js';
import { DeadLettersModule } from './dead-letters/dead-letters.module.js';
import { DistributedModule } from './modes/distributed/distributed.module.js';
import { EntranceModule } from './entrance/entrance.module.js';
import { EventsModule } from './events/events.module.js';
import { FilesModule } from './files/files.module.js';
import { GatewayLifecycle } from './gateway.lifecycle.js';
import type { GatewayParts } from './gateway-parts.js';
import { HealthModule } from './health/health.module.js';
import { JobsModule } from './jobs/jobs.module.js';
import { KindsModule } from './kinds/kinds.module.js';
import { LimitsModule } from './limits/limits.module.js';
import { RightsModule } from './rights/rights.module.js';
import { RightsStreamsModule } from './rights/rights-streams.module.js';
import { QuotasModule } from './quotas/quotas.module.js';
import { RetentionModule } from './retention/retention.module.js';
import { QueuesModule } from './queues/queues.module.js';
import { SchedulesModule } from './schedules/schedules.module.js';
import { StatsModule } from './stats/stats.module.js';
import { WorkersModule } from './workers/workers.module.js';
import { SingleProcessModule } from './modes/single-process/single-process.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

/** A gateway: one module for each feature, and one for the mode that it runs in. */
@Module({
  imports: [
    EntranceModule,
    RightsModule,
    RightsStreamsModule,
    EventsModule,
    KindsModule,
    QueuesModule,
    WorkersModule,
    LimitsModule,
    SchedulesModule,
    QuotasModule,
    RetentionModule,
    DeadLettersModule,
    WebhooksModule,
    FilesModule,
    ApiDocsModule,
    NotificationsModule,
    CoreModule,
  ],
})
export class GatewayModule {
  static of(parts: GatewayParts): DynamicModule {
    const mode = parts.config.broker === 'none' ? SingleProcessModule : DistributedModule;
    return {
      module: GatewayModule,
      imports: [
        ProcessModule.of(parts, [
          { provide: PROJECT, useValue: parts.project },
          { provide: PrometheusMetrics, useValue: parts.metrics },
          { provide: NOTIFICATIONS_CONFIG, useValue: parts.notifications },
          { provide: STORAGE_CONFIG, useValue: parts.storage },
          { provide: TAKE_BYTES, useValue: filesQuota(parts.store.reservations) },
        ]),
        CatalogueModule.of(parts.kinds),
        mode,
        HealthModule.of(mode),
        JobsModule.of(mode),
        StatsModule.of(mode),
      ],
      providers: [GatewayLifecycle],
    };
  }
}
