import { ApiProperty, ApiPropertyOptional } from './documented.js';
import type { JsonValue } from '../json.js';
import { AnyJson, Count, EXAMPLE, Id, Link, TextOrNull, Time, Whose } from './fields.js';
import { LimitDryRun } from './limit.js';
import { PauseState } from './pause-state.js';

export const OVERLAPS = ['skip', 'buffer', 'allow', 'cancel'] as const;
export const MISSED_RULES = ['skip', 'last', 'all'] as const;
export const TICK_OUTCOMES = ['submitted', 'skipped_overlap', 'buffered', 'coalesced', 'missed', 'refused'] as const;
export const TICK_SOURCES = ['tick', 'backfill', 'trigger'] as const;
/** Of a preview. */
export const RUNS_MAX = 100;

const DURATION = { oneOf: [{ type: 'string' }, { type: 'number' }], description: 'Milliseconds, or text such as `30s`, `15m` or `PT15M`' };

/** When a schedule ticks: by `cron` with `timezone`, by `every` with `anchor`, or once, `at` a time. */
export class ScheduleSpec {
  @ApiPropertyOptional({ type: 'string', maxLength: 200, example: '0 3 * * *', description: 'Five fields, six with seconds first, or a name such as `@daily`' })
  cron?: string;

  @ApiPropertyOptional({ type: 'string', maxLength: 64, default: 'UTC', example: 'Europe/Berlin', description: 'Of the IANA time zone database' })
  timezone?: string;

  @ApiPropertyOptional({ ...DURATION, example: '15m' })
  every?: string | number;

  @ApiPropertyOptional({
    format: 'date-time',
    example: EXAMPLE.time,
    description: 'Ticks are whole multiples of `every` away from it; left out, from the beginning of 1970 by UTC',
  })
  anchor?: string;

  @ApiPropertyOptional({ format: 'date-time', example: EXAMPLE.time, description: 'Once, at this time' })
  at?: string;
}

/** Which schedule has made a job. */
export class JobScheduleView {
  @ApiProperty({ example: 'nightly-report' })
  id!: string;

  @Time({ description: 'The tick that it was made for' })
  tick!: string;

  @Time({ nullable: true, description: 'The tick before: from it to `tick` is the time that a report is about' })
  previousTick!: string | null;
}

export class ScheduleLinks {
  @Link({ example: '/schedules/nightly-report' })
  self!: string;

  @Link()
  pause!: string;

  @Link()
  resume!: string;

  @Link()
  trigger!: string;

  @Link()
  backfill!: string;

  @Link({ description: 'Its jobs, newest first' })
  jobs!: string;
}

/** A schedule as lists show it: without its payload. */
export class ScheduleView extends PauseState {
  @ApiProperty({ example: 'nightly-report' })
  id!: string;

  @Whose() tenant?: string | null;

  @ApiProperty({ example: EXAMPLE.kind })
  kind!: string;

  @ApiProperty({ type: () => ScheduleSpec })
  spec!: ScheduleSpec;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'Of its jobs, as a submission has them' })
  options!: Record<string, JsonValue>;

  @ApiProperty()
  description!: string;

  @ApiProperty({ enum: OVERLAPS, enumName: 'ScheduleOverlap', description: 'What becomes of a tick while the last job has not ended' })
  overlap!: (typeof OVERLAPS)[number];

  @ApiProperty({ enum: MISSED_RULES, enumName: 'ScheduleMissed', description: 'Which of the ticks that nobody was there for are made up for' })
  missed!: (typeof MISSED_RULES)[number];

  @Count({ description: 'How old a missed tick may be to be made up for, in milliseconds' })
  missedWindow!: number;

  @Count({ description: 'By how much the jobs of ticks are put off at most, in milliseconds' })
  jitter!: number;

  @Time({ nullable: true })
  startsAt!: string | null;

  @Time({ nullable: true })
  endsAt!: string | null;

  @Count({ minimum: 1, nullable: true, description: 'So many failures in a row pause it; null for never' })
  pauseAfterFailures!: number | null;

  @Time({ nullable: true, description: 'The first tick that was not looked at; null where none comes any more' })
  nextTick!: string | null;

  @Time({ nullable: true, description: 'When it is looked at next: the tick and its jitter; null while it is paused' })
  dueAt!: string | null;

  @Time({ nullable: true, description: 'The last tick that was looked at, whatever became of it' })
  lastTick!: string | null;

  @Id({ nullable: true, description: 'The job that the rule of overlap goes by' })
  lastJobId!: string | null;

  @Count({ description: 'Failures in a row' })
  failures!: number;

  @ApiProperty({ example: 'api', description: 'Who has set it: `api`, or `code:<configuration>`' })
  origin!: string;

  @Count({ minimum: 1, description: 'Grows with each change of what it says; `If-Match` compares it' })
  revision!: number;

  @Time()
  createdAt!: string;

  @Time()
  updatedAt!: string;

  @ApiProperty({ type: () => ScheduleLinks })
  links!: ScheduleLinks;
}

/** A time at which a schedule will tick. */
export class ScheduleRun {
  @Time()
  tick!: string;

  @ApiProperty({ example: '2026-01-31T09:00:00+01:00', description: 'As the clocks of its zone show it' })
  local!: string;

  @Time({ description: 'When its job is made: the tick and its jitter' })
  dueAt!: string;

  @ApiPropertyOptional({ example: 'moved: 02:30 does not exist on that day in Europe/Berlin' })
  note?: string;
}

/** What became of a tick. */
export class ScheduleTick {
  @Time()
  tick!: string;

  @Time({ nullable: true })
  previousTick!: string | null;

  @ApiProperty({ enum: TICK_OUTCOMES, enumName: 'TickOutcome' })
  outcome!: (typeof TICK_OUTCOMES)[number];

  @ApiProperty({ enum: TICK_SOURCES, enumName: 'TickSource', description: '`trigger` and `backfill`: made by those' })
  source!: (typeof TICK_SOURCES)[number];

  @Id({ nullable: true })
  jobId!: string | null;

  @TextOrNull({ description: 'Why it was refused' })
  detail!: string | null;

  @Time({ description: 'When that was written down' })
  at!: string;
}

/** A schedule with its payload, its next runs and its last ticks. */
export class ScheduleDetail extends ScheduleView {
  @AnyJson({ description: 'Of its jobs' })
  payload!: JsonValue;

  @ApiProperty({ type: () => [ScheduleRun], description: 'The next five, also of a paused one' })
  nextRuns!: ScheduleRun[];

  @ApiProperty({ type: () => [ScheduleTick], description: 'The last twenty, newest first' })
  ticks!: ScheduleTick[];
}

/** One page of the schedules. */
export class SchedulePage {
  @ApiProperty({ type: () => [ScheduleView] })
  items!: ScheduleView[];

  @TextOrNull({ description: 'The `cursor` of the next page; null at the end' })
  nextCursor!: string | null;
}

/** A schedule with its last ticks. */
export class ScheduleNow extends ScheduleView {
  @ApiProperty({ type: () => [ScheduleTick], description: 'The last twenty, newest first' })
  ticks!: ScheduleTick[];
}

/** What one event of the stream of schedules tells. */
export class SchedulesNow {
  @ApiProperty({ type: () => [ScheduleNow], description: 'The first that fit, by id' })
  items!: ScheduleNow[];

  @TextOrNull({ description: 'The `cursor` of what follows in `GET /schedules`; null at the end' })
  nextCursor!: string | null;
}

/** When a spec would tick. */
export class SchedulePreview {
  @ApiProperty({ type: () => [ScheduleRun] })
  nextRuns!: ScheduleRun[];
}

export class TriggeredLinks {
  @Link()
  job!: string;
}

/** The job that a trigger has made. */
export class ScheduleTriggered {
  @Id()
  jobId!: string;

  @ApiProperty({ description: 'It was there already, by its idempotency key' })
  replayed!: boolean;

  @ApiProperty({ type: () => TriggeredLinks })
  links!: TriggeredLinks;
}

/** What a backfill has done. */
export class ScheduleBackfilled {
  @Count({ description: 'Ticks of that time' })
  ticks!: number;

  @Count({ description: 'Jobs that were made; with `dryRun`, that would be' })
  submitted!: number;

  @Count({ description: 'Ticks that have a job already' })
  skipped!: number;

  @Count()
  refused!: number;

  @TextOrNull({ description: 'Why the first was refused' })
  detail!: string | null;

  @ApiProperty({ description: 'Nothing was done' })
  dryRun!: boolean;
}

/** What setting a schedule would do. */
export class ScheduleDryRun extends LimitDryRun {
  @ApiProperty({ type: 'integer', nullable: true, description: 'The revision that there is, for `If-Match`; null where there is none' })
  revision!: number | null;

  @ApiProperty({ type: () => [ScheduleRun], description: 'The next runs that it would have' })
  nextRuns!: ScheduleRun[];
}
