export type CounterName =
  | 'submissions_total'
  | 'submissions_refused_total'
  | 'deliveries_received_total'
  | 'delivery_decisions_total'
  | 'attempts_settled_total'
  | 'dead_letters_total'
  | 'recoveries_total'
  | 'heartbeats_missed_total'
  | 'publishes_total'
  | 'replies_total'
  | 'amqp_connections_total'
  | 'amqp_connections_lost_total'
  | 'amqp_connection_failures_total'
  | 'amqp_channels_closed_total'
  | 'amqp_consumer_cancels_total'
  | 'amqp_resubscriptions_total'
  | 'http_requests_total';

export type HistogramName =
  'queue_wait_seconds' | 'attempt_duration_seconds' | 'claim_batch_size' | 'settle_batch_size' | 'submit_batch_size' | 'http_request_duration_seconds';

export type Labels = Readonly<Record<string, string>>;

/** Counts and measures what happens. Never throws and never waits. A label's value that is not on its allow-list is shown as `other`. */
export interface Metrics {
  count(name: CounterName, labels?: Labels, by?: number): void;
  observe(name: HistogramName, value: number, labels?: Labels): void;
}

/** For who does not look. */
export const noMetrics: Metrics = { count: () => undefined, observe: () => undefined };
