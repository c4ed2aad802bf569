import type { Logger } from '@app/core';
import type { Project, PrometheusMetrics, Store } from '@app/host';
import type { NotificationsConfig } from '@app/notifications';
import type { CatalogueModule } from '@app/sdk';
import type { StorageConfig } from '@app/storage';
import type { GatewayConfig } from './gateway.config.js';

/** The parts of a gateway that are read and opened before its Nest container is made. */
export interface GatewayParts {
  config: GatewayConfig;
  project: Project;
  kinds: Parameters<typeof CatalogueModule.of>[0];
  notifications: NotificationsConfig;
  storage: StorageConfig;
  logger: Logger;
  store: Store;
  metrics: PrometheusMetrics;
}
