import type { Alert, WebhookEndpoints } from '@app/core';
import { storeTellings, type TellingStores } from '../store-tellings.js';
import { type AlertConfig, alertTellings, wantsAlerts } from './alert-tellings.js';

export interface TellerDependencies<Transaction> extends TellingStores<Transaction> {
  endpoints: Pick<WebhookEndpoints<Transaction>, 'all' | 'enabled'>;
  config: AlertConfig;
}

/** Makes, of each alert, the jobs that tell operators of it. */
export class AlertTeller<Transaction = unknown> {
  constructor(private readonly deps: TellerDependencies<Transaction>) {}

  /** Whether anybody wants to be told. */
  async wanted(): Promise<boolean> {
    const { endpoints, config } = this.deps;
    if (Object.values(config.channels).some(({ alertsTo }) => alertsTo.length > 0)) return true;
    return (await endpoints.all()).some((endpoint) => endpoint.disabledAt === null && wantsAlerts(endpoint));
  }

  /** Stores them in the caller's transaction. */
  async tell(alerts: readonly Alert[], transaction: Transaction): Promise<void> {
    const enabled = await this.deps.endpoints.enabled(transaction);
    const tellings = alerts.flatMap((alert) => alertTellings(alert, enabled, this.deps.config));
    await storeTellings(tellings, this.deps, transaction);
  }
}
