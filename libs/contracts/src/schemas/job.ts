import { ApiProperty, ApiPropertyOptional } from './documented.js';
import { Cancellation } from './cancellation.js';
import type { JsonValue } from '../json.js';
import { JobScheduleView } from './schedule.js';
import { AnyJson, Count, EXAMPLE, Id, Link, LinkOptional, TextOrNull, Time, Whose } from './fields.js';

export const TERMINAL_STATES = ['succeeded', 'failed', 'cancelled'] as const;
export const JOB_STATES = ['scheduled', 'queued', 'running', ...TERMINAL_STATES] as const;
export type TerminalState = (typeof TERMINAL_STATES)[number];
export type JobState = (typeof JOB_STATES)[number];

/** The same wherever a job's state is described: the document has one schema of it. */
export const JOB_STATE = {
  enum: JOB_STATES,
  enumName: 'JobState',
  description: '`scheduled` waits for its time: a delay, or the next attempt. `succeeded`, `failed` and `cancelled` are final.',
};

/** The progress of a running attempt, in the handler's own unit. */
export class Progress {
  @ApiProperty({ example: 1_200 })
  done!: number;

  @ApiPropertyOptional({ example: 5_000 })
  total?: number;

  @ApiPropertyOptional()
  message?: string;

  @ApiPropertyOptional({ description: 'Units in a second, where there is a total' })
  rate?: number;

  @ApiPropertyOptional({ format: 'date-time', description: 'When the attempt will be through at this rate' })
  estimatedEnd?: string;
}

/** What led to an error. Bounded in depth and size. */
export class ErrorCause {
  @ApiProperty({ example: 'Error' })
  name!: string;

  @ApiProperty()
  message!: string;

  @ApiPropertyOptional({ description: "The error's own code", example: 'ECONNREFUSED' })
  code?: string;

  @ApiPropertyOptional({ type: () => ErrorCause })
  cause?: ErrorCause;

  @ApiPropertyOptional({ type: () => [ErrorCause], description: 'What failed together' })
  errors?: ErrorCause[];
}

/** Why an attempt did not succeed. */
export class JobErrorView {
  @ApiProperty({ description: 'Stable, for programs', example: 'handler_error' })
  code!: string;

  @ApiProperty()
  message!: string;

  @Count({ description: 'The attempt that it ended' })
  attempt!: number;

  @Time()
  at!: string;

  @ApiPropertyOptional({ type: () => ErrorCause, description: 'What led to it' })
  cause?: ErrorCause;

  @ApiPropertyOptional({ type: () => [ErrorCause], description: 'What failed together' })
  errors?: ErrorCause[];
}

/** The error of one attempt, with its stack. */
export class AttemptErrorView extends JobErrorView {
  @ApiProperty({ example: 'TypeError' })
  name!: string;

  @ApiPropertyOptional({ description: 'The first 4,000 characters' })
  stack?: string;
}

/** Links from a job to what can be done with it. */
export class JobLinks {
  @Link({ example: `/jobs/${EXAMPLE.id}` })
  self!: string;

  @Link({ description: 'Its events, as a stream' })
  events!: string;

  @LinkOptional({ description: 'While it has not ended' })
  cancel?: string;

  @LinkOptional({ description: 'While it has not ended: why it has not started, and when it will' })
  why?: string;

  @LinkOptional({ description: 'When it has failed' })
  redrive?: string;
}

/** A job as every channel shows it: HTTP, outcome events, streams, webhooks. */
export class JobView {
  @Id()
  id!: string;

  @Whose() tenant?: string | null;

  @ApiProperty({ example: EXAMPLE.kind })
  kind!: string;

  @ApiProperty({ example: EXAMPLE.queue })
  queue!: string;

  @ApiProperty(JOB_STATE)
  state!: JobState;

  @Count({ maximum: 9 })
  priority!: number;

  @Count({ description: 'Attempts begun; an interrupted one does not count' })
  attempt!: number;

  @Count({ minimum: 1 })
  maxAttempts!: number;

  @ApiProperty({ type: () => Progress, nullable: true, description: 'Null until its handler tells it' })
  progress!: Progress | null;

  @AnyJson({ description: 'What its handler returned; null unless it succeeded' })
  result!: JsonValue;

  @ApiPropertyOptional({
    type: 'boolean',
    enum: [true],
    description: 'Only in events and lists: the result is too large to be told there; `links.self` has it',
  })
  resultOmitted?: true;

  @ApiProperty({ type: () => JobErrorView, nullable: true, description: 'Why its last attempt did not succeed' })
  error!: JobErrorView | null;

  @ApiProperty({ type: [String] })
  tags!: string[];

  @ApiPropertyOptional({ type: () => JobScheduleView, description: 'Only of a job that a schedule has made' })
  schedule?: JobScheduleView;

  @ApiProperty({ description: 'It was asked to stop' })
  cancelRequested!: boolean;

  @Time({ nullable: true, description: 'When the next attempt is due; only while `scheduled`' })
  runAt!: string | null;

  @Time()
  createdAt!: string;

  @Time({ nullable: true, description: 'When its newest attempt began' })
  startedAt!: string | null;

  @Time({ nullable: true })
  finishedAt!: string | null;

  @Count({ description: 'The number of its newest event: the `Last-Event-ID` of a stream that goes on from here' })
  lastEventId!: number;

  @ApiProperty({ type: () => JobLinks })
  links!: JobLinks;
}

/** Of all jobs of its kind with this key one waits at most. */
export class JobUnique {
  @ApiProperty({ example: 'invoice-7' })
  key!: string;
}

/** A job as `GET /jobs/{id}` shows it: with its payload, the errors of its attempts, and who runs it. */
export class JobDetail extends JobView {
  @AnyJson({ description: 'As it was submitted, or as a redrive has changed it' })
  payload!: JsonValue;

  @ApiProperty({ type: () => [AttemptErrorView], description: 'Of the attempts that failed, oldest first, the last 20' })
  errors!: AttemptErrorView[];

  @TextOrNull({ description: 'The worker process that runs it: host and pid. Null while none does', example: 'worker-7f9c:4242' })
  worker!: string | null;

  @ApiProperty({ type: () => Cancellation, nullable: true, description: 'Who cancelled it, why, and what became of it. Null while nobody has' })
  cancellation!: Cancellation | null;

  @Time({ nullable: true, description: 'Until when it must have started (`options.startBefore`); null when it need not, or has' })
  startBefore!: string | null;

  @TextOrNull({ description: 'Whose share of a fair queue it takes (`options.flowKey`); null where its tag or its kind says that', example: 'acme' })
  flowKey!: string | null;

  @ApiProperty({ type: () => JobUnique, nullable: true, description: 'Its unique key (`options.unique`); null when it has none' })
  unique!: JobUnique | null;
}

/** A step that a job has done. */
export class StepView {
  @ApiProperty({ example: 'charge' })
  name!: string;

  @AnyJson({ description: 'What it gave back' })
  result!: JsonValue;

  @Time()
  endedAt!: string;
}

/** The steps of a job, in the order in which they ended. */
export class StepList {
  @ApiProperty({ type: () => [StepView] })
  items!: StepView[];

  @ApiProperty({ description: 'False where there are more than fit into an answer' })
  complete!: boolean;
}

/** One job of a batch. */
export class BatchJobView extends JobView {
  @ApiProperty({ description: 'No new job was made: this one was there already, by its idempotency key, or it waits with the same unique key' })
  replayed!: boolean;
}

/** The jobs of a batch, in order. */
export class BatchView {
  @ApiProperty({ type: () => [BatchJobView] })
  jobs!: BatchJobView[];
}

/** One page of a list of jobs. */
export class JobPage {
  @ApiProperty({ type: () => [JobView] })
  items!: JobView[];

  @TextOrNull({ description: 'The `cursor` of the next page; null at the end' })
  nextCursor!: string | null;

  @TextOrNull({ description: 'The `cursor` of the page before; null on the first page' })
  previousCursor!: string | null;

  @ApiProperty({
    description: 'The look ended at its bound, before the page was full: there may be more jobs that fit, and `nextCursor` goes on where it ended',
  })
  partial!: boolean;

  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    example: EXAMPLE.time,
    description: 'Of a partial page, how far it has looked: about when the last job was created that it has looked at. Null otherwise',
  })
  searchedUntil!: string | null;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: 10_000,
    description: 'With `count=true`: how many jobs fit, on all pages together',
  })
  count?: number;

  @ApiPropertyOptional({ description: 'With `count=true`: false where there are, or may be, more than `count`' })
  countIsExact?: boolean;
}
