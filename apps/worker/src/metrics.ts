import { kindsOf, PrometheusMetrics, showBroker, showStore, type Store, type WorkerBroker, type WorkerHost } from '@app/host';

export function createMetrics(catalogue: Parameters<typeof kindsOf>[0]): PrometheusMetrics {
  return new PrometheusMetrics(kindsOf(catalogue));
}

export interface WorkerState {
  store: Store;
  broker: WorkerBroker;
  host: WorkerHost;
  ready: () => boolean;
}

/** Shows the worker's state at each scrape. */
export function showState(metrics: PrometheusMetrics, { store, broker, host, ready }: WorkerState): void {
  showStore(metrics, store);
  showBroker(metrics, [broker.publishing, broker.consuming], broker.publisher);
  metrics.gauge('ready', () => [[Number(ready())]]);
  metrics.gauge('consumers', () => [[broker.transport.consuming]]);
  metrics.gauge('jobs_in_hand', () => [[host.runner.size]]);
  metrics.gauge('heartbeat_age_seconds', () => [[host.heartbeatAgeSeconds]]);
}
