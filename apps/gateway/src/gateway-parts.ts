import type { Logger } from '@app/core';
import type { LoadedConfig, PrometheusMetrics, Store } from '@app/host';
import type { NotificationsConfig } from '@app/notifications';
import type { CatalogueModule } from '@app/sdk';
import type { StorageConfig } from '@app/storage';
import type { GatewayConfig } from './gateway.config.js';

/** The project's configuration, which the child processes of isolated kinds load too. */
export const PROJECT = Symbol('project');

/** What a gateway has read and opened before its container exists. */
export interface GatewayParts {
  config: GatewayConfig;
  project: Pick<LoadedConfig, 'path'>;
  kinds: Parameters<typeof CatalogueModule.of>[0];
  notifications: NotificationsConfig;
  storage: StorageConfig;
  logger: Logger;
  store: Store;
  metrics: PrometheusMetrics;
}
