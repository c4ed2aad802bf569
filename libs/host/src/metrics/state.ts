import type { LimitUse, QueueFigures } from '@app/postgres';
import { HandlerRegistry } from '@app/sdk';
import type { Store } from '../store.js';
import type { Known, PrometheusMetrics, Sample } from './prometheus.js';

/** The kinds of a catalogue and their queues, as allowed values of labels. */
export function kindsOf(catalogue: ConstructorParameters<typeof HandlerRegistry>[0]): Known {
  const registry = new HandlerRegistry(catalogue);
  const kinds = registry.names();
  return { kinds, queues: [...new Set(kinds.flatMap((kind) => registry.policy(kind)?.queue ?? []))] };
}

export function showStore(metrics: PrometheusMetrics, store: Store): void {
  metrics.gauge('database_pool_waiting', () => [[store.poolWaiting()]]);
  const { figures } = store.room.limited;
  metrics.gauge('parked_total', () => [[figures.parked]]);
  metrics.gauge('rate_waits_total', () => [[figures.rateWaits]]);
  metrics.gauge('stale_slots_total', () => [[figures.staleSlots]]);
  showRoom(metrics, store.room.counted);
}

/** Who waits in the room, and how limits are used. */
function showRoom(metrics: PrometheusMetrics, counted: Store['room']['counted']): void {
  const ofQueues = (value: (queue: QueueFigures) => number | null) => () =>
    counted.figures.queues.flatMap((each): Sample[] => labelled(value(each), { queue: each.queue, priority: String(each.priority) }));
  const ofLimits = (value: (limit: LimitUse) => number | null) => () =>
    counted.figures.limits.flatMap((each): Sample[] => labelled(value(each), each.name === null ? {} : { limit: each.name }));
  metrics.gauge(
    'waiting_jobs',
    ofQueues(({ waiting }) => waiting),
  );
  metrics.gauge(
    'oldest_waiting_seconds',
    ofQueues(({ oldestSeconds }) => oldestSeconds),
  );
  metrics.gauge(
    'parked_jobs',
    ofLimits(({ parked }) => parked),
  );
  metrics.gauge(
    'slots_used',
    ofLimits(({ used }) => used),
  );
  metrics.gauge(
    'limit_slots',
    ofLimits(({ capacity }) => capacity),
  );
}

function labelled(value: number | null, labels: Record<string, string>): Sample[] {
  return value === null ? [] : [[value, labels]];
}

interface Connection {
  readonly role: string;
  readonly up: boolean;
  readonly blocked: string | undefined;
  readonly blockedSeconds: number;
}

export function showBroker(metrics: PrometheusMetrics, connections: Connection[], publisher: { readonly inFlight: number }): void {
  const each = (value: (connection: Connection) => number) => () =>
    connections.map((one): [number, { connection: string }] => [value(one), { connection: one.role }]);
  metrics.gauge(
    'amqp_up',
    each(({ up }) => Number(up)),
  );
  metrics.gauge(
    'amqp_blocked',
    each(({ blocked }) => Number(blocked !== undefined)),
  );
  metrics.gauge(
    'amqp_blocked_seconds_total',
    each(({ blockedSeconds }) => blockedSeconds),
  );
  metrics.gauge('confirms_in_flight', () => [[publisher.inFlight]]);
}
