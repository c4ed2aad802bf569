import { HandlerRegistry } from '@app/sdk';
import type { Store } from '../store.js';
import type { Known, PrometheusMetrics } from './prometheus.js';

/** The kinds of a catalogue and their queues: what the labels may say. */
export function kindsOf(catalogue: ConstructorParameters<typeof HandlerRegistry>[0]): Known {
  const registry = new HandlerRegistry(catalogue);
  const kinds = registry.names();
  return { kinds, queues: [...new Set(kinds.flatMap((kind) => registry.policy(kind)?.queue ?? []))] };
}

export function showStore(metrics: PrometheusMetrics, store: Store): void {
  metrics.gauge('database_pool_waiting', 'Statements of the protocol that wait for a connection', {}, () => [[store.poolWaiting()]]);
}

interface Connection {
  readonly role: string;
  readonly up: boolean;
  readonly blocked: string | undefined;
  readonly blockedSeconds: number;
}

export function showBroker(metrics: PrometheusMetrics, connections: Connection[], publisher: { readonly inFlight: number }): void {
  const labels = { connection: ['publish', 'consume'] };
  const each = (value: (connection: Connection) => number) => () =>
    connections.map((one): [number, { connection: string }] => [value(one), { connection: one.role }]);
  metrics.gauge(
    'amqp_up',
    'Connected to RabbitMQ, with all that belongs on the connection',
    labels,
    each(({ up }) => Number(up)),
  );
  metrics.gauge(
    'amqp_blocked',
    'RabbitMQ reads nothing from the connection',
    labels,
    each(({ blocked }) => Number(blocked !== undefined)),
  );
  metrics.total(
    'amqp_blocked_seconds_total',
    'For how long RabbitMQ read nothing from the connection',
    labels,
    each(({ blockedSeconds }) => blockedSeconds),
  );
  metrics.gauge('confirms_in_flight', 'Publishes that wait for their confirm', {}, () => [[publisher.inFlight]]);
}
