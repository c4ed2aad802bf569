import { ApiProperty, ApiPropertyOptional } from './documented.js';
import { PAUSE_TEXT_MAX } from '../bounds.js';
import { BULK_RATE_MAX } from './bulk.js';
import { Count, EXAMPLE, Id, Link, TextOrNull, Time, Whose } from './fields.js';

/** `stopped`: its job has failed or was cancelled; a redrive of the job goes on. */
export const ERASURE_STATES = ['running', 'stopped', 'finished'] as const;

const TAG = { minLength: 1, maxLength: 100, example: 'customer-17' } as const;

/** Whose jobs are to be erased. */
export class CreateErasure {
  @ApiProperty({ ...TAG, description: 'All jobs with this tag that were created before the request' })
  tag!: string;

  @ApiPropertyOptional({ description: 'Files that the jobs name stay, because other jobs need them too' })
  keepFiles?: boolean;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: BULK_RATE_MAX, description: 'Jobs in a second at most' })
  rate?: number;

  @ApiPropertyOptional({ description: 'Changes nothing, and answers what would be erased' })
  dryRun?: boolean;

  @ApiPropertyOptional({ minLength: 1, maxLength: PAUSE_TEXT_MAX, example: 'request 4711 of 31 January' })
  reason?: string;
}

/** What an erasure would be for. */
export class ErasureEstimate {
  @ApiProperty({ type: 'boolean', enum: [true] })
  dryRun!: true;

  @Count()
  jobs!: number;

  @Count({ description: 'Those of them that have not ended, and would be cancelled' })
  unfinished!: number;

  @Count()
  deadLetters!: number;

  @Count({ description: 'Of webhooks' })
  deliveries!: number;

  @Count({ description: 'That the jobs name' })
  files!: number;

  @Count({ description: 'That go on making jobs with the tag: delete them first' })
  schedules!: number;
}

/** How many of each were removed. */
export class ErasedCounts {
  @Count()
  jobs!: number;

  @Count()
  steps!: number;

  @Count({ description: 'Lines of logs, and progress' })
  events!: number;

  @Count()
  deadLetters!: number;

  @Count({ description: 'Of webhooks' })
  deliveries!: number;

  @Count({ description: "Longhaul's own jobs that have sent, or were to send, webhooks and e-mails" })
  notifications!: number;

  @Count()
  idempotencyKeys!: number;

  @Count()
  files!: number;

  @Count({ description: 'Of these jobs the handler did not obey the cancel in time, so that its code may go on until its process ends' })
  abandoned!: number;
}

/** What a look after the end has found. */
export class ErasureLeft {
  @Count()
  jobs!: number;

  @Count()
  deadLetters!: number;

  @Count()
  deliveries!: number;

  @Count()
  notifications!: number;

  @Count()
  idempotencyKeys!: number;

  @Count()
  files!: number;

  @Count({ description: 'They are not erased, and go on making jobs with the tag' })
  schedules!: number;
}

export class ErasureLinks {
  @Link({ example: `/erasures/${EXAMPLE.id}` })
  self!: string;

  @Link({ example: `/jobs/${EXAMPLE.id}`, description: 'The job that does it' })
  job!: string;
}

/** What was asked for, by whom, and what has become of it. It is kept for ever. */
export class ErasureView {
  @Id({ description: 'Of the job that does it, too' })
  id!: string;

  @ApiProperty(TAG)
  tag!: string;

  @ApiProperty()
  keepFiles!: boolean;

  @TextOrNull({ example: 'request 4711 of 31 January' })
  reason!: string | null;

  @ApiProperty({ example: 'key:q4xk2m7paz3dbe5v' })
  requestedBy!: string;

  @Time()
  requestedAt!: string;

  @ApiProperty({ enum: ERASURE_STATES })
  state!: (typeof ERASURE_STATES)[number];

  @ApiProperty({ type: () => ErasedCounts, description: 'So far' })
  removed!: ErasedCounts;

  @TextOrNull({
    example: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    description: 'The SHA-256 of the ids of the removed jobs, sorted, each with a line feed; null until the end',
  })
  jobsSha256!: string | null;

  @ApiProperty({ type: () => ErasureLeft, nullable: true, description: 'Null until the end. All but `schedules` are 0 then' })
  left!: ErasureLeft | null;

  @Time({ nullable: true })
  finishedAt!: string | null;

  @Whose()
  tenant?: string | null;

  @ApiProperty({ type: () => ErasureLinks })
  links!: ErasureLinks;
}

/** A page of erasures, the newest first. */
export class ErasurePage {
  @ApiProperty({ type: () => [ErasureView] })
  items!: ErasureView[];

  @TextOrNull({ description: 'For the next page; null at the end' })
  nextCursor!: string | null;
}
