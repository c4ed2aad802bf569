import { ApiProperty, ApiPropertyOptional } from './documented.js';
import { TextOrNull, Time } from './fields.js';

const PARTS = ['result', 'files'] as const;
export const STATUS_TITLE_MAX = 100;

/** A link to the page of a job, for somebody who has no key. */
export class NewStatusLink {
  @ApiPropertyOptional({ minLength: 1, maxLength: STATUS_TITLE_MAX, example: 'Your report for January', description: 'What its reader calls the job' })
  title?: string;

  @ApiPropertyOptional({ type: 'array', items: { type: 'string', enum: [...PARTS] }, description: 'What it lets its reader download; nothing when left out' })
  shows?: (typeof PARTS)[number][];

  @ApiPropertyOptional({ format: 'date-time', description: 'When it ends, within 90 days; as STATUS_LINK_HOURS says when left out' })
  expiresAt?: string;

  @ApiPropertyOptional({ default: 'UTC', example: 'Europe/Berlin', description: 'The time zone of the times on the page' })
  timezone?: string;
}

/** A link that was just made. It is stored nowhere. */
export class StatusLink {
  @ApiProperty({
    example: 'https://jobs.example.org/p/a.9mRk…',
    description: 'Whoever has it sees the page. Below PUBLIC_URL, or a path where that is not set',
  })
  statusUrl!: string;

  @TextOrNull({ example: 'Your report for January' })
  title!: string | null;

  @ApiProperty({ type: 'array', items: { type: 'string', enum: [...PARTS] } })
  shows!: (typeof PARTS)[number][];

  @Time()
  expiresAt!: string;

  @ApiProperty({ example: 'Europe/Berlin' })
  timezone!: string;
}
