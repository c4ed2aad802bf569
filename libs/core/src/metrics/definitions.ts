import type { RefusalCode } from '../job/errors.js';
import { TICK_OUTCOMES } from '../schedules/schedule.js';
import { SIGNALS } from '../submit/admission-decision.js';

/**
 * The allowed values of a label: this list, or the kinds, queues or routes that the process knows at its start. `bounded`: any, of a state whose
 * reader tells no more than a fixed number of them apart.
 */
export type AllowList = readonly string[] | 'kinds' | 'queues' | 'routes' | 'bounded';

/** The definition of a metric. `npm run reference` writes docs/reference/metrics.md from all of them. */
export interface Definition {
  help: string;
  /** The value that is worth an alert. docs/operate/runbook.md says what to do then. */
  alert?: string;
  labels?: Record<string, AllowList>;
  /** The buckets of a histogram, in its unit. */
  buckets?: number[];
}

const REFUSALS = {
  malformed_request: 1,
  reason_required: 1,
  unauthenticated: 1,
  insufficient_scope: 1,
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
  too_many_schedules: 1,
  never_fires: 1,
  not_searchable: 1,
  revision_mismatch: 1,
  insufficient_storage: 1,
  overloaded: 1,
  queue_full: 1,
  rate_limited: 1,
  too_many_of_client: 1,
  quota_exceeded: 1,
  unavailable: 1,
} satisfies Record<RefusalCode, 1>;
const REASONS = Object.keys(REFUSALS);
/** The reasons of dead letters: those of refusals, RabbitMQ's own, and Longhaul's for messages that are no job messages. */
const DEATHS = [...REASONS, 'unreadable', 'rejected', 'delivery_limit', 'expired', 'maxlen', 'unknown'];
const DECISIONS = ['claimed', 'drop', 'announce', 'run', 'claim-suspect', 'take-over', 'exhaust', 'park', 'claim', 'defer'];
const OUTCOMES = ['succeeded', 'failed', 'retried', 'snoozed', 'interrupted', 'cancelled', 'fenced'];
const CONNECTION = { connection: ['publish', 'consume', 'reply'] };
const CONSUMER = { consumer: ['submit', 'dead', 'jobs'] };
const BATCH = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

export const COUNTERS = {
  submissions_total: {
    help: 'Jobs that were accepted, or found by their key or unique key (`replayed`)',
    labels: { door: ['http', 'amqp'], outcome: ['accepted', 'replayed'], kind: 'kinds' },
  },
  submissions_refused_total: {
    help: 'Submissions that were refused; over AMQP also each time a held message is tried again',
    alert: '`reason="overloaded"` or `"unavailable"` grows',
    labels: { door: ['http', 'amqp'], reason: REASONS },
  },
  deliveries_received_total: { help: 'Messages that RabbitMQ delivered', labels: CONSUMER },
  delivery_decisions_total: {
    help: "Looks at a delivered job's row, by what came of it",
    alert: '`take-over`, `exhaust`: workers die',
    labels: { decision: DECISIONS },
  },
  attempts_settled_total: {
    help: 'Attempts that ended, by outcome; `fenced`: another owner had the job',
    alert: '`failed` or `fenced` grows',
    labels: { kind: 'kinds', outcome: OUTCOMES },
  },
  dead_letters_total: { help: 'Messages that were stored as dead letters', alert: 'grows', labels: { reason: DEATHS } },
  recoveries_total: { help: 'Sweeps that put jobs of lost workers, or lost messages, back', alert: 'grows' },
  heartbeats_missed_total: { help: 'Heartbeats that PostgreSQL did not answer', alert: 'grows' },
  publishes_total: {
    help: 'Publishes: `confirmed`, `unheard` (an outcome that no queue is bound for: no fault), `returned` (a job without its queue), `refused`, `lost` (the channel closed), `overdue` (no confirm in 10 s)',
    alert: 'all but `confirmed`, `unheard`',
    labels: { result: ['confirmed', 'unheard', 'refused', 'returned', 'lost', 'overdue'] },
  },
  replies_total: {
    help: 'Replies to `reply_to`: `confirmed`, `returned` (the queue is gone), `refused` (it is full), `overdue`, `lost` (channel or connection closed, twice)',
    alert: '`refused`, `overdue`, `lost`',
    labels: { result: ['confirmed', 'returned', 'refused', 'overdue', 'lost'] },
  },
  amqp_connections_total: { help: 'Connections to RabbitMQ that were made, the first included', labels: CONNECTION },
  amqp_connections_lost_total: { help: 'Connections to RabbitMQ that ended by themselves', alert: 'grows', labels: CONNECTION },
  amqp_connection_failures_total: { help: 'Connections to RabbitMQ that could not be made', alert: 'grows', labels: CONNECTION },
  amqp_channels_closed_total: {
    help: 'Channels that closed by themselves',
    alert: 'grows',
    labels: { consumer: [...CONSUMER.consumer, 'publisher', 'replies'] },
  },
  amqp_consumer_cancels_total: {
    help: 'Consumers that RabbitMQ cancelled',
    alert: 'grows, and `longhaul_amqp_resubscriptions_total` does not',
    labels: CONSUMER,
  },
  amqp_resubscriptions_total: { help: 'Consumers that subscribed again after a cancel or a lost channel', labels: CONSUMER },
  released_total: {
    help: 'Jobs that this process has let out of the waiting room; without a broker only those with limits, because the others are claimed out of it',
    labels: { queue: 'queues' },
  },
  schedule_ticks_total: {
    help: 'Ticks of schedules that this process has looked at, by what became of them',
    alert: '`refused` grows',
    labels: { outcome: TICK_OUTCOMES },
  },
  schedules_paused_total: { help: 'Schedules that this process has paused because their jobs failed', alert: 'grows' },
  turned_away_total: {
    help: 'Requests that were not let in: without valid credentials, without the scope, or more than may come in a time',
    alert: '`unauthenticated` grows: somebody tries keys, or a key is over',
    labels: { reason: ['unauthenticated', 'insufficient_scope', 'rate_limited', 'foreign_origin', 'unavailable'] },
  },
  http_requests_total: { help: 'Answers, by the pattern of their route', alert: '`5xx`', labels: { route: 'routes', status: ['2xx', '3xx', '4xx', '5xx'] } },
} satisfies Record<string, Definition>;

/** From ten milliseconds to a day. */
const LONG_TIMES = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400];

export const HISTOGRAMS = {
  queue_wait_seconds: {
    help: "How long jobs waited for an attempt, from when they were due (accepted, `runAt`, or put back) to its start, by PostgreSQL's clock; the time in a paused queue counts, a take-over from a lost worker does not",
    alert: 'its 95th percentile is above what you promise',
    labels: { kind: 'kinds' },
    buckets: LONG_TIMES,
  },
  attempt_duration_seconds: {
    help: 'How long handlers took',
    labels: { kind: 'kinds', outcome: ['returned', 'threw'] },
    buckets: LONG_TIMES,
  },
  schedule_lag_seconds: {
    help: "From when a job of a schedule was due (its tick and its jitter) to its commit, by PostgreSQL's clock; not of missed ticks that were made up for",
    alert: 'its 99th percentile is above 1 s',
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  claim_batch_size: { help: 'Jobs of one claim', buckets: BATCH },
  settle_batch_size: { help: 'Attempts of one settlement', buckets: BATCH },
  submit_batch_size: { help: 'Jobs of one insert', buckets: BATCH },
  http_request_duration_seconds: {
    help: 'Time to answer, `Prefer: wait` included',
    labels: { route: 'routes' },
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
  },
} satisfies Record<string, Definition>;

/** A state that is read at each scrape. A total is a state that only grows. */
export interface GaugeDefinition extends Definition {
  isTotal?: true;
  /** Of values that are shown under one name, the largest counts, not the sum: of ages. */
  largest?: true;
}

const SIGNAL = { signal: SIGNALS };
/** Fifty limits by name; the others are `other`. */
const LIMIT = { limit: 'bounded' } satisfies Definition['labels'];
const PRIORITIES = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const COUNTED = 'of the whole installation; ten seconds old, or older where a million wait';
const CONNECTED = { connection: ['publish', 'consume'] };

export const GAUGES = {
  submissions_in_flight: { help: 'Jobs on their way to PostgreSQL' },
  body_bytes: { help: 'Bytes of request bodies in memory' },
  event_streams: { help: 'Streams of events that are open, over SSE and WebSocket' },
  waits: { help: 'Requests that wait for a job to end (`Prefer: wait`)', alert: 'near `MAX_WAITS`' },
  connections_refused: { help: 'Connections that were refused since the start: their client had as many as one may have', alert: 'grows' },
  overloaded: { help: '1 while this limit is reached', labels: SIGNAL, alert: '1 for minutes' },
  admission_limit: { help: 'The limits from which on submissions are refused; 0 is off', labels: SIGNAL },
  queue_depth: { help: 'Jobs that wait for a worker or run; not those whose time has not come', labels: { queue: 'queues' }, alert: 'grows for hours' },
  scheduled_jobs: { help: 'Jobs whose time has not come: delayed, or between two attempts', labels: { queue: 'queues' } },
  outbox_rows: { help: 'Messages that wait for RabbitMQ; jobs that wait for their turn are in `longhaul_waiting_jobs`' },
  waiting_jobs: { help: `Jobs that wait in PostgreSQL for their turn, ${COUNTED}`, labels: { queue: 'queues' } },
  oldest_waiting_seconds: {
    help: `How long the oldest job that waits for its turn has waited; jobs that a limit has parked do not count, ${COUNTED}`,
    alert: 'above what you promise of this queue and priority',
    labels: { queue: 'queues', priority: PRIORITIES },
    largest: true,
  },
  parked_jobs: { help: `Jobs that wait for a limit, under all its keys, ${COUNTED}`, labels: LIMIT },
  slots_used: { help: `Slots of a limit that jobs hold, under all its keys, ${COUNTED}`, labels: LIMIT },
  limit_slots: { help: 'Jobs that a limit lets run at once, of each of its keys; not of limits that only have a rate', labels: LIMIT },
  parked_total: { help: 'Jobs that this process has set aside because a limit had no room for them', isTotal: true },
  rate_waits_total: { help: 'Jobs that this process has set aside because the rate of a limit allowed no start yet', isTotal: true },
  stale_slots_total: { help: 'Slots that no job used, and that this process has given back: each is a fault of Longhaul', alert: 'grows', isTotal: true },
  outbox_age_seconds: { help: 'How long the oldest message that is due has waited for RabbitMQ', alert: 'above 60 s' },
  event_loop_delay_seconds: { help: 'Mean lateness of timers in the last second', alert: 'above 0.2 s' },
  database_pool_waiting: { help: 'Statements of the protocol that wait for a connection', alert: 'above 0 for minutes' },
  consumers: { help: 'Queues that this process consumes', alert: '0' },
  jobs_in_hand: { help: 'Jobs that run or wait in this process' },
  ready: { help: 'Whether /health/ready of a worker answers 200', alert: '0' },
  heartbeat_age_seconds: { help: 'Since PostgreSQL answered the heartbeat', alert: 'above a third of `LEASE_SECONDS`' },
  confirms_in_flight: { help: 'Publishes that wait for their confirm' },
  amqp_up: { help: 'Connected to RabbitMQ, with all that belongs on the connection', labels: CONNECTED, alert: '0' },
  amqp_blocked: { help: 'RabbitMQ reads nothing from the connection (memory or disk alarm)', labels: CONNECTED, alert: '1' },
  amqp_blocked_seconds_total: { help: 'For how long RabbitMQ read nothing from the connection', labels: CONNECTED, isTotal: true },
} satisfies Record<string, GaugeDefinition>;

export type GaugeName = keyof typeof GAUGES;
