import { type Admission, type AdmissionLimits, type Signal, SIGNALS } from '@app/core';
import { type PrometheusMetrics, type Sample, showStore, type Store } from '@app/host';
import type { FastifyInstance } from 'fastify';

/** Shows the gateway's state at each scrape. Queue depths are about a second old: they come from the last read of the database. */
export function showGateway(metrics: PrometheusMetrics, store: Store, admission: Admission, limits: AdmissionLimits): void {
  showStore(metrics, store);
  const measured = () => admission.measured();
  metrics.gauge('queue_depth', () => {
    const { queues, scheduled } = measured();
    return [...queues].map(([queue, jobs]): Sample => [Math.max(0, jobs - (scheduled.get(queue) ?? 0)), { queue }]);
  });
  metrics.gauge('scheduled_jobs', () => [...measured().scheduled].map(([queue, jobs]): Sample => [jobs, { queue }]));
  metrics.gauge('outbox_rows', () => [[measured().outboxRows]]);
  metrics.gauge('outbox_age_seconds', () => [[measured().outboxAgeSeconds]]);
  metrics.gauge('submissions_in_flight', () => [[measured().inFlight]]);
  metrics.gauge('body_bytes', () => [[measured().bodyBytes]]);
  metrics.gauge('event_loop_delay_seconds', () => [[measured().eventLoopDelayMs / 1_000]]);
  metrics.gauge('overloaded', () => {
    const reached = new Set(admission.exceeded().map(({ signal }) => signal));
    return SIGNALS.map((signal): Sample => [Number(reached.has(signal)), { signal }]);
  });
  metrics.gauge('admission_limit', () => SIGNALS.map((signal): Sample => [limits[LIMIT[signal]], { signal }]));
}

/** Shows what the process holds for callers. docs/operate/limits.md has the limits. */
export function showBounds(metrics: PrometheusMetrics, bounds: { waits: () => number; connectionsRefused: () => number }): void {
  metrics.gauge('waits', () => [[bounds.waits()]]);
  metrics.gauge('connections_refused', () => [[bounds.connectionsRefused()]]);
}

const LIMIT = {
  in_flight: 'inFlight',
  body_bytes: 'bodyBytes',
  pool_waiting: 'poolWaiting',
  event_loop_delay: 'eventLoopDelayMs',
  outbox_rows: 'outboxRows',
  outbox_age: 'outboxAgeSeconds',
  depth: 'depth',
  queue_depth: 'queueDepth',
} satisfies Record<Signal, keyof AdmissionLimits>;

/** Counts and times every answer, by the pattern of its route, so that no URL of a caller becomes a label. Call it before the routes are made. */
export function countRequests(fastify: FastifyInstance, metrics: PrometheusMetrics): void {
  fastify.addHook('onRoute', ({ url }) => metrics.route(url));
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.is404 ? 'other' : (request.routeOptions.url ?? 'other');
    metrics.count('http_requests_total', { route, status: `${Math.floor(reply.statusCode / 100)}xx` });
    metrics.observe('http_request_duration_seconds', reply.elapsedTime / 1_000, { route });
    done();
  });
}
