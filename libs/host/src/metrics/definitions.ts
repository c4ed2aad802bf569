import type { CounterName, HistogramName, RefusalCode } from '@app/core';

/** What a label may say: one of these, or what the process knows at its start: its kinds, its queues, its routes. */
export type AllowList = readonly string[] | 'kinds' | 'queues' | 'routes';

export interface Definition {
  help: string;
  labels?: Record<string, AllowList>;
  /** Of a histogram; in its unit. */
  buckets?: number[];
}

const REFUSALS = {
  malformed_request: 1,
  invalid_payload: 1,
  unknown_kind: 1,
  unknown_queue: 1,
  reply_to_refused: 1,
  bad_idempotency_key: 1,
  idempotency_key_reused: 1,
  submit_in_progress: 1,
  not_found: 1,
  state_forbids: 1,
  too_many_queues: 1,
  too_many_endpoints: 1,
  insufficient_storage: 1,
  overloaded: 1,
  queue_full: 1,
  too_many_of_client: 1,
  unavailable: 1,
} satisfies Record<RefusalCode, 1>;
const REASONS = Object.keys(REFUSALS);
/** Beside refusals: RabbitMQ's own, and ours for what is no job message. */
const DEATHS = [...REASONS, 'unreadable', 'rejected', 'delivery_limit', 'expired', 'maxlen', 'unknown'];
const DECISIONS = ['claimed', 'drop', 'announce', 'run', 'claim-suspect', 'take-over', 'exhaust', 'park', 'claim', 'defer'];
const OUTCOMES = ['succeeded', 'failed', 'retried', 'snoozed', 'interrupted', 'cancelled', 'fenced'];
const CONNECTION = { connection: ['publish', 'consume', 'reply'] };
const CONSUMER = { consumer: ['submit', 'dead', 'jobs'] };
const BATCH = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

export const COUNTERS: Record<CounterName, Definition> = {
  submissions_total: {
    help: 'Jobs that were accepted, or found by their idempotency key',
    labels: { door: ['http', 'amqp'], outcome: ['accepted', 'replayed'], kind: 'kinds' },
  },
  submissions_refused_total: {
    help: 'Submissions that were refused; over AMQP also each time one is held and tried again',
    labels: { door: ['http', 'amqp'], reason: REASONS },
  },
  deliveries_received_total: { help: 'Messages that the broker delivered to consumers', labels: CONSUMER },
  delivery_decisions_total: { help: 'Looks at the row of a delivery, by what came of it', labels: { decision: DECISIONS } },
  attempts_settled_total: { help: 'Attempts that ended, by outcome; fenced: another owner had the job', labels: { kind: 'kinds', outcome: OUTCOMES } },
  dead_letters_total: { help: 'Messages that were stored as dead letters', labels: { reason: DEATHS } },
  recoveries_total: { help: 'Sweeps that put jobs of lost workers, or lost messages, back' },
  heartbeats_missed_total: { help: 'Heartbeats that the database did not answer' },
  publishes_total: { help: 'Publishes by what the broker said', labels: { result: ['confirmed', 'refused', 'returned', 'lost', 'overdue'] } },
  replies_total: { help: 'Replies to `reply_to` by what came of them', labels: { result: ['confirmed', 'returned', 'refused', 'overdue', 'lost'] } },
  amqp_connections_total: { help: 'Connections to RabbitMQ that were made', labels: CONNECTION },
  amqp_connections_lost_total: { help: 'Connections to RabbitMQ that ended without being asked to', labels: CONNECTION },
  amqp_connection_failures_total: { help: 'Connections to RabbitMQ that could not be made', labels: CONNECTION },
  amqp_channels_closed_total: { help: 'Channels that closed without being asked to', labels: { consumer: [...CONSUMER.consumer, 'publisher', 'replies'] } },
  amqp_consumer_cancels_total: { help: 'Consumers that the broker cancelled', labels: CONSUMER },
  amqp_resubscriptions_total: { help: 'Consumers that subscribed again after a cancel or a lost channel', labels: CONSUMER },
  http_requests_total: { help: 'Requests answered', labels: { route: 'routes', status: ['2xx', '3xx', '4xx', '5xx'] } },
};

/** From ten milliseconds to a day. */
const LONG_TIMES = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400];

export const HISTOGRAMS: Record<HistogramName, Definition> = {
  queue_wait_seconds: {
    help: 'How long jobs waited in their queue, from when they were due to the start of an attempt',
    labels: { kind: 'kinds' },
    buckets: LONG_TIMES,
  },
  attempt_duration_seconds: {
    help: 'How long handlers took',
    labels: { kind: 'kinds', outcome: ['returned', 'threw'] },
    buckets: LONG_TIMES,
  },
  claim_batch_size: { help: 'Jobs of one claim', buckets: BATCH },
  settle_batch_size: { help: 'Attempts of one settlement', buckets: BATCH },
  submit_batch_size: { help: 'Jobs of one insert', buckets: BATCH },
  http_request_duration_seconds: {
    help: 'Time to answer',
    labels: { route: 'routes' },
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
  },
};
