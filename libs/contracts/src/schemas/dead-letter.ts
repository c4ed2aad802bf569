import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from './documented.js';
import type { JsonValue } from '../json.js';
import { AnyJsonOptional, Count, EXAMPLE, Id, Link, LinkOptional, TextOrNull, Time, Whose } from './fields.js';
import { AttemptErrorView } from './job.js';
import { BULK_RATE_MAX } from './bulk.js';
import { PAUSE_TEXT_MAX } from '../bounds.js';

/** A week. */
export const GROUP_HOURS_MAX = 168;

export const LETTER_SOURCES = ['job', 'message'] as const;
export type LetterSource = (typeof LETTER_SOURCES)[number];

/** Links from a dead letter to what can be done with it. */
export class DeadLetterLinks {
  @Link()
  self!: string;

  @Link()
  redrive!: string;

  @Link()
  discard!: string;

  @LinkOptional({ description: 'Where it is of a job' })
  job?: string;

  @LinkOptional({ description: 'The original bytes, where it is of a message' })
  body?: string;

  @LinkOptional({ description: 'Other letters of the same cause' })
  group?: string;
}

/** Who has done something to a letter, and why. */
export class LetterNote {
  @ApiPropertyOptional({ maxLength: PAUSE_TEXT_MAX, example: 'the account is closed' })
  reason?: string;

  @ApiPropertyOptional({ maxLength: PAUSE_TEXT_MAX, example: 'ann' })
  by?: string;
}

/** A job or a message that was given up, with the reason. */
export class DeadLetterView {
  @Id()
  id!: string;

  @Whose() tenant?: string | null;

  @ApiProperty({ enum: LETTER_SOURCES, description: '`job`: a job that has failed for good. `message`: one that was refused, or given up by RabbitMQ' })
  source!: LetterSource;

  @ApiProperty({ description: 'Stable, for programs', example: 'unknown_kind' })
  reason!: string;

  @ApiProperty()
  detail!: string;

  @Id({ nullable: true })
  jobId!: string | null;

  @TextOrNull({ example: EXAMPLE.kind })
  kind!: string | null;

  @TextOrNull({ example: EXAMPLE.queue })
  queue!: string | null;

  @TextOrNull()
  messageId!: string | null;

  @TextOrNull({ example: 'application/json' })
  contentType!: string | null;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'Of the message' })
  headers!: { [name: string]: JsonValue };

  @ApiProperty({
    type: 'object',
    nullable: true,
    additionalProperties: true,
    description: 'What else the message had, by the names of AMQP: `reply_to`, `priority`, `user_id` …; null where it is of a job',
    example: { user_id: 'billing', reply_to: 'billing.answers', priority: 5 },
  })
  properties!: { [name: string]: JsonValue } | null;

  @TextOrNull({ description: 'The account that has sent the message, or else the program that it names', example: 'billing' })
  producer!: string | null;

  @TextOrNull({ description: "The class of the job's error", example: 'TypeError' })
  error!: string | null;

  @TextOrNull({ description: "The first frame of the project's own code: function, file and line", example: 'ImportCsv.run jobs/csv-import.job.js:51' })
  frame!: string | null;

  @TextOrNull({ description: 'The fingerprint of its cause. A letter that an older version has stored gets it within minutes', example: EXAMPLE.group })
  group!: string | null;

  @Count({ minimum: 1, description: 'How often the very same message came' })
  occurrences!: number;

  @Time()
  createdAt!: string;

  @Time()
  lastSeenAt!: string;

  @Time({ nullable: true })
  redrivenAt!: string | null;

  @Id({ nullable: true, description: 'The job that it became' })
  redrivenJobId!: string | null;

  @Time({ nullable: true, description: 'When it was put away' })
  discardedAt!: string | null;

  @ApiProperty({ type: () => LetterNote, nullable: true, description: 'Who has put it away, and why' })
  discard!: LetterNote | null;

  @ApiProperty({ type: () => DeadLetterLinks })
  links!: DeadLetterLinks;
}

/** A message body whose bytes are valid UTF-8. */
export class TextBody {
  @ApiProperty()
  text!: string;
}

/** A message body whose bytes are not valid UTF-8. */
export class Base64Body {
  @ApiProperty({ format: 'byte' })
  base64!: string;
}

/** A dead letter with the bytes of its message, or the payload and the errors of its job. */
@ApiExtraModels(TextBody, Base64Body)
export class DeadLetterDetail extends DeadLetterView {
  @ApiProperty({
    oneOf: [{ $ref: getSchemaPath(TextBody) }, { $ref: getSchemaPath(Base64Body) }, { type: 'null' as never }],
    description: 'The message as it came; null of a job',
  })
  body!: TextBody | Base64Body | null;

  @AnyJsonOptional({ description: 'Of its job' })
  payload?: JsonValue;

  @ApiPropertyOptional({ type: () => [AttemptErrorView], description: "Of its job's attempts" })
  errors?: AttemptErrorView[];
}

/** One page of a list of dead letters. */
export class DeadLetterPage {
  @ApiProperty({ type: () => [DeadLetterView] })
  items!: DeadLetterView[];

  @TextOrNull({ description: 'The `cursor` of the next page; null at the end' })
  nextCursor!: string | null;
}

export class LetterGroupLinks {
  @Link({ description: 'Its letters' })
  letters!: string;

  @Link({ description: 'The newest of them' })
  sample!: string;

  @Link()
  acknowledge!: string;

  @LinkOptional({ description: 'Where it is acknowledged' })
  reopen?: string;
}

/** Somebody knows of a group, and works on it or has decided to leave it. */
export class LetterGroupNote {
  @Time()
  at!: string;

  @TextOrNull({ example: 'the bank has a new format; Ann is on it' })
  reason!: string | null;

  @TextOrNull({ example: 'ann' })
  by!: string | null;

  @Count({ description: 'Letters that have come since' })
  since!: number;
}

/** Dead letters of one cause that wait for somebody. */
export class LetterGroup {
  @ApiProperty({ description: 'The fingerprint of the cause', example: EXAMPLE.group })
  group!: string;

  @ApiProperty({ enum: ['open', 'acknowledged'] })
  state!: 'open' | 'acknowledged';

  @ApiProperty({ enum: LETTER_SOURCES })
  source!: LetterSource;

  @ApiProperty({ description: 'Stable, for programs', example: 'handler_error' })
  reason!: string;

  @ApiProperty({ description: 'Of the newest letter, for people', example: 'more than 10,000 bad rows' })
  detail!: string;

  @ApiProperty({ type: [String], description: 'Of its letters, 20 at most', example: [EXAMPLE.kind] })
  kinds!: string[];

  @TextOrNull({ description: 'Who has sent the messages', example: 'billing' })
  producer!: string | null;

  @TextOrNull({ description: 'The class of the error of the jobs', example: 'TypeError' })
  error!: string | null;

  @TextOrNull({ description: "The first frame of the project's own code", example: 'ImportCsv.run jobs/csv-import.job.js:51' })
  frame!: string | null;

  @Count({ minimum: 1 })
  letters!: number;

  @Count({ minimum: 1, description: 'How often their messages came' })
  occurrences!: number;

  @Time()
  firstSeenAt!: string;

  @Time()
  lastSeenAt!: string;

  @ApiProperty({ type: [Number], description: 'Letters that were stored in each hour since `hoursFrom` of the list', example: [0, 3, 12] })
  hours!: number[];

  @Id({ description: 'The newest letter' })
  sampleId!: string;

  @ApiProperty({ type: () => LetterGroupNote, nullable: true })
  acknowledged!: LetterGroupNote | null;

  @ApiProperty({ type: () => LetterGroupLinks })
  links!: LetterGroupLinks;
}

/** The causes of the dead letters that wait. */
export class LetterGroupList {
  @ApiProperty({ type: () => [LetterGroup] })
  items!: LetterGroup[];

  @Count({ description: 'All that fit, of which `items` has the first' })
  groups!: number;

  @Count({ description: 'The letters of all of them' })
  letters!: number;

  @Count({ description: 'Letters of older versions that have no group yet: they get it within minutes' })
  ungrouped!: number;

  @Time({ description: 'Where the first of the hours begins' })
  hoursFrom!: string;
}

/** Which dead letters to put back: those that match every given criterion, or `all`. */
export class RedriveLetters {
  @ApiPropertyOptional({ example: 'unknown_kind' })
  reason?: string;

  @ApiPropertyOptional({ example: EXAMPLE.kind })
  kind?: string;

  @ApiPropertyOptional({ example: EXAMPLE.queue })
  queue?: string;

  @ApiPropertyOptional({ enum: LETTER_SOURCES })
  source?: LetterSource;

  @ApiPropertyOptional({ description: 'Of one cause', example: EXAMPLE.group })
  group?: string;

  @ApiPropertyOptional({ format: 'date-time', example: EXAMPLE.time, description: 'Stored at this time or later' })
  from?: string;

  @ApiPropertyOptional({ format: 'date-time', example: EXAMPLE.time, description: 'Stored before this time' })
  to?: string;

  @ApiPropertyOptional({ description: 'All of them; only without a filter' })
  all?: boolean;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: BULK_RATE_MAX, description: 'By a job (202), so many in a second at most' })
  rate?: number;

  @ApiPropertyOptional({ type: () => LetterNote, description: 'Who does it, and why' })
  note?: LetterNote;

  @ApiPropertyOptional({ description: 'Changes nothing, and answers how many match' })
  dryRun?: boolean;
}

/** Which dead letters to put away: those that match every given criterion, or `all`. */
export class DiscardLetters extends RedriveLetters {}

/** How many of the matching dead letters were put away. */
export class DiscardedLetters {
  @Count()
  discarded!: number;
}

/** What to change before a dead letter is put back. */
export class RedriveEdits extends LetterNote {
  @ApiPropertyOptional({ example: EXAMPLE.kind, description: 'A job keeps its kind' })
  kind?: string;

  @AnyJsonOptional({ description: 'In place of what it had' })
  payload?: JsonValue;

  @ApiPropertyOptional({
    oneOf: [{ $ref: '#/components/schemas/SubmitOptions' }],
    description: 'In place of those that the message had; a job keeps its options',
  })
  options?: object;
}

/** What to change before a failed job is put back. */
export class RedriveJob extends LetterNote {
  @AnyJsonOptional({ description: 'In place of what it had' })
  payload?: JsonValue;
}

/** A dead letter that was not put back, with the reason. */
export class Refused {
  @Id()
  id!: string;

  @ApiProperty()
  detail!: string;
}

/** How many of the matching dead letters were put back, and which were refused. */
export class RedrivenLetters {
  @Count()
  redriven!: number;

  @ApiProperty({ type: () => [Refused] })
  refused!: Refused[];
}

/** How many dead letters match. */
export class MatchingLetters {
  @ApiProperty({ type: 'boolean', enum: [true] })
  dryRun!: true;

  @Count()
  matching!: number;
}

export class RedrivenLinks {
  @Link()
  job!: string;
}

/** The job that a dead letter became. */
export class RedrivenLetter {
  @Id()
  jobId!: string;

  @ApiProperty({ type: () => RedrivenLinks })
  links!: RedrivenLinks;
}
