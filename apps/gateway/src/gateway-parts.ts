import type { Logger } from '@app/core';
import type { LoadedConfig, PrometheusMetrics, Store } from '@app/host';
import type { NotificationsConfig } from '@app/notifications';
import type { JobsModule } from '@app/sdk';
import type { GatewayConfig } from './gateway.config.js';

/** What a gateway is made of: what was opened and read before there is a container. */
export interface GatewayParts {
  config: GatewayConfig;
  /** The project's configuration, which the child processes of isolated kinds load too. */
  project: Pick<LoadedConfig, 'path'>;
  kinds: Parameters<typeof JobsModule.of>[0];
  notifications: NotificationsConfig;
  logger: Logger;
  store: Store;
  metrics: PrometheusMetrics;
}
