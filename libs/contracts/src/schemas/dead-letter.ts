import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import type { JsonValue } from '../json.js';
import { AnyJsonOptional, Count, EXAMPLE, Id, Link, LinkOptional, TextOrNull, Time } from './fields.js';
import { AttemptErrorView } from './job.js';

export const LETTER_SOURCES = ['job', 'message'] as const;
export type LetterSource = (typeof LETTER_SOURCES)[number];

/** Links from a dead letter to what can be done with it. */
export class DeadLetterLinks {
  @Link()
  self!: string;

  @Link()
  redrive!: string;

  @LinkOptional({ description: 'Where it is of a job' })
  job?: string;
}

/** A job or a message that was given up, with the reason. */
export class DeadLetterView {
  @Id()
  id!: string;

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

  @ApiPropertyOptional({ description: 'All of them; only without a filter' })
  all?: boolean;

  @ApiPropertyOptional({ description: 'Puts back nothing, and answers how many match' })
  dryRun?: boolean;
}

/** What to change before a dead letter is put back. */
export class RedriveEdits {
  @ApiPropertyOptional({ example: EXAMPLE.kind, description: 'A job keeps its kind' })
  kind?: string;

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
