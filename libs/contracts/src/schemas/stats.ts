import { ApiProperty } from './documented.js';
import { LETTER_SOURCES, type LetterSource } from './dead-letter.js';
import { Count, EXAMPLE, Time } from './fields.js';
import { QueueView } from './queue.js';

export const VERDICT_LEVELS = ['ok', 'warning', 'error'] as const;
/** The widths of buckets, and their seconds. */
export const HISTORY_STEPS = { '10s': 10, '1m': 60, '5m': 300, '15m': 900, '1h': 3_600 } as const;
export type HistoryStep = keyof typeof HISTORY_STEPS;
/** Buckets of one answer. */
export const HISTORY_MAX_POINTS = 1_500;
/** Queues of one answer. */
export const HISTORY_QUEUES = 10;

const Seconds = (description: string): PropertyDecorator => ApiProperty({ type: 'number', minimum: 0, nullable: true, description });

/** One sentence that says whether all is well. */
export class StatsVerdict {
  @ApiProperty({ description: 'False where anything was found' })
  ok!: boolean;

  @ApiProperty({
    enum: VERDICT_LEVELS,
    enumName: 'VerdictLevel',
    description: '`error`: jobs wait that would run otherwise, or are refused. `warning`: somebody should look',
  })
  level!: (typeof VERDICT_LEVELS)[number];

  @ApiProperty({ description: 'Of the rule that has found it; stable, for programs. `ok` where nothing was found', example: 'no_worker' })
  code!: string;

  @ApiProperty({ example: 'Everything runs.' })
  message!: string;

  @ApiProperty({ type: 'string', format: 'uri-reference', nullable: true, description: 'Where the API shows it', example: '/workers' })
  link!: string | null;

  @Count({ description: 'How much else was found' })
  more!: number;
}

/** Jobs that were accepted since a time and are kept, by their state at one moment: accepted is the sum of all others. Exact: each was counted. */
export class StatsLedger {
  @Time({ description: 'A day before it was counted' })
  since!: string;

  @Time({ description: 'Some seconds ago at most, where a count does not take long' })
  countedAt!: string;

  @Count()
  accepted!: number;

  @Count()
  scheduled!: number;

  @Count()
  queued!: number;

  @Count()
  running!: number;

  @Count()
  succeeded!: number;

  @Count()
  failed!: number;

  @Count()
  cancelled!: number;
}

/** Jobs by state, now, whenever they were accepted. */
export class StatsJobs {
  @Count()
  scheduled!: number;

  @Count()
  queued!: number;

  @Count()
  running!: number;
}

/**
 * What happened to jobs in a time, as the processes that saw it have counted it. Jobs that end without an attempt of theirs (cancelled before the start, expired, lost with
 * their last worker) are in the ledger, and not here.
 */
export class StatsCounts {
  @Count({ description: 'Stored by a submission, through any door' })
  accepted!: number;

  @Count({ description: 'Attempts that began' })
  started!: number;

  @Count()
  succeeded!: number;

  @Count({ description: 'Attempts after which their job had failed for good' })
  failed!: number;

  @Count({ description: 'Attempts that a cancel has ended' })
  cancelled!: number;

  @Count({ description: 'Attempts that have failed, of jobs that are tried again' })
  retried!: number;
}

/** How long attempts waited or ran. The percentiles are read out of buckets of which each is 1.41 times as wide as the one before: mostly within a fifth of the exact ones, at worst 1.41 times as high or low. */
export class StatsLatency {
  @Count({ description: 'Attempts' })
  count!: number;

  @Seconds('The mean, exact; null of none')
  meanSeconds!: number | null;

  @Seconds('The median')
  p50Seconds!: number | null;

  @Seconds('95 of 100 were no slower')
  p95Seconds!: number | null;
}

/** A queue, and what happened in it in the last minute. */
export class QueueStats extends QueueView {
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    nullable: true,
    description:
      'Jobs of it that its workers run at once; `running` of them are in use. Null in single-process mode, where all queues share the slots of `workers`',
  })
  slots!: number | null;

  @ApiProperty({ type: () => StatsCounts })
  lastMinute!: StatsCounts;

  @ApiProperty({ type: () => StatsLatency, description: 'How long jobs that began in the last minute had waited since they were due' })
  wait!: StatsLatency;
}

/** A kind, and what happened to its jobs in the last minute. */
export class KindStats {
  @ApiProperty({ example: EXAMPLE.kind })
  kind!: string;

  @ApiProperty({ type: () => StatsCounts })
  lastMinute!: StatsCounts;

  @Count({ description: 'Attempts of the last hour after which their job had failed for good' })
  failedLastHour!: number;

  @ApiProperty({ type: () => StatsLatency, description: 'How long attempts ran that ended in the last minute' })
  run!: StatsLatency;

  @ApiProperty({ type: () => StatsLatency, description: 'How long those that began in the last minute had waited' })
  wait!: StatsLatency;
}

/** The processes that run jobs. */
export class StatsWorkers {
  @Count({ description: 'With a lease that holds' })
  live!: number;

  @Count({ description: 'Those of them that were asked to end' })
  draining!: number;

  @Count({ description: 'Whose lease is over: their jobs are taken over' })
  late!: number;

  @Count({ description: 'Jobs that may run at once: of each worker and each of its queues WORKER_CONCURRENCY; in single-process mode of the process' })
  slots!: number;

  @Count({ description: 'Jobs that run' })
  slotsUsed!: number;
}

/** Dead letters of the last hour, of one kind and for one reason. */
export class FailureStats {
  @ApiProperty({ enum: LETTER_SOURCES })
  source!: LetterSource;

  @ApiProperty({ type: 'string', nullable: true, example: EXAMPLE.kind })
  kind!: string | null;

  @ApiProperty({ description: 'Stable, for programs', example: 'handler_error' })
  reason!: string;

  @Count()
  count!: number;

  @Count({ description: 'Those of them that nobody has put back' })
  open!: number;

  @Time()
  lastAt!: string;
}

/** How an installation stands now, and what happened in it just before. */
export class StatsView {
  @Time()
  at!: string;

  @ApiProperty({ type: () => StatsVerdict })
  verdict!: StatsVerdict;

  @ApiProperty({ enum: ['up', 'down', 'blocked', 'none'], description: 'RabbitMQ, as this gateway sees it; `none`: the gateway runs its jobs itself' })
  broker!: 'up' | 'down' | 'blocked' | 'none';

  @ApiProperty({ type: 'number', minimum: 0, description: 'How long PostgreSQL took to answer the shortest question, in milliseconds' })
  databaseMs!: number;

  @ApiProperty({ type: () => StatsLedger, nullable: true, description: 'Null while it could not be counted' })
  ledger!: StatsLedger | null;

  @ApiProperty({ type: () => StatsJobs })
  jobs!: StatsJobs;

  @Time({
    description:
      'When the last ten seconds and the last minute were over. Processes write what they have counted each ten seconds, so this is 2 to 12 seconds ago',
  })
  until!: string;

  @ApiProperty({ type: () => StatsCounts })
  lastTenSeconds!: StatsCounts;

  @ApiProperty({ type: () => StatsCounts })
  lastMinute!: StatsCounts;

  @ApiProperty({ type: () => StatsLatency, description: 'How long attempts ran that ended in the last minute' })
  run!: StatsLatency;

  @ApiProperty({ type: () => StatsLatency, description: 'How long those that began in the last minute had waited since they were due' })
  wait!: StatsLatency;

  @ApiProperty({ type: () => StatsWorkers })
  workers!: StatsWorkers;

  @ApiProperty({ type: () => [QueueStats], description: 'Those in which most jobs wait first; 100 at most' })
  queues!: QueueStats[];

  @Count({ description: 'Of all queues' })
  queueCount!: number;

  @ApiProperty({ type: () => [KindStats], description: 'Kinds that had jobs in the last minute, or failures in the last hour; 100 at most' })
  kinds!: KindStats[];

  @Count({ description: 'Of all such kinds' })
  kindCount!: number;

  @ApiProperty({
    type: () => [FailureStats],
    description: 'Dead letters of the last hour by kind and reason, the most first; 50 groups and the newest 10,000 letters at most',
  })
  failures!: FailureStats[];
}

/** Sent in place of figures while PostgreSQL does not answer. */
export class StatsUnavailable {
  @Time({ description: "By the gateway's clock" })
  at!: string;

  @ApiProperty({ type: () => StatsVerdict })
  verdict!: StatsVerdict;
}

/** What happened in one step. */
export class StatsPoint extends StatsCounts {
  @Time({ description: 'Its beginning' })
  at!: string;

  @ApiProperty({ type: () => StatsLatency, description: 'How long attempts ran that ended in it' })
  run!: StatsLatency;

  @ApiProperty({ type: () => StatsLatency, description: 'How long those that began in it had waited' })
  wait!: StatsLatency;
}

/** A queue as it was at the beginning of a step; of longer steps than a minute the fullest of their minutes. */
export class DepthPoint {
  @Time()
  at!: string;

  @Count()
  queued!: number;

  @Count()
  scheduled!: number;

  @Count()
  running!: number;

  @Seconds('How long the oldest queued job had waited; null where none did')
  oldestAgeSeconds!: number | null;
}

/** A queue in the course of time. Steps in which it had no job are not there. */
export class QueueHistory {
  @ApiProperty({ example: EXAMPLE.queue })
  name!: string;

  @ApiProperty({ type: () => [DepthPoint] })
  points!: DepthPoint[];
}

/** What happened in the course of time. */
export class StatsHistory {
  @Time()
  from!: string;

  @Time({ description: 'Not in it any more' })
  to!: string;

  @Count({ minimum: 1, description: 'Of a step' })
  stepSeconds!: number;

  @ApiProperty({ type: 'string', nullable: true, description: 'Only of this queue' })
  queue!: string | null;

  @ApiProperty({ type: 'string', nullable: true, description: 'Only of this kind' })
  kind!: string | null;

  @ApiProperty({ type: () => [StatsPoint], description: 'Each step, also those in which nothing happened' })
  points!: StatsPoint[];

  @ApiProperty({ type: () => [QueueHistory], description: `How many jobs waited: of the asked queue, else of the ${HISTORY_QUEUES} deepest. Not by kind` })
  queues!: QueueHistory[];
}
