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

/** What a worker shows of its state at each scrape. */
export function showState(metrics: PrometheusMetrics, { store, broker, host, ready }: WorkerState): void {
  showStore(metrics, store);
  showBroker(metrics, [broker.publishing, broker.consuming], broker.publisher);
  metrics.gauge('ready', 'Whether /health/ready answers 200', {}, () => [[Number(ready())]]);
  metrics.gauge('consumers', 'Queues that are consumed here', {}, () => [[broker.transport.consuming]]);
  metrics.gauge('jobs_in_hand', 'Jobs that run or wait here', {}, () => [[host.runner.size]]);
  metrics.gauge('heartbeat_age_seconds', 'Since the database answered the heartbeat', {}, () => [[host.heartbeatAgeSeconds]]);
}
