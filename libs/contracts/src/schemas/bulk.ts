import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Grace } from './cancellation.js';
import { Count, EXAMPLE } from './fields.js';
import { JOB_STATES, type JobState, JobView } from './job.js';
import { PAUSE_TEXT_MAX } from './queue.js';

/** Jobs in a second that an act may change at most. */
export const BULK_RATE_MAX = 10_000;

/** Jobs that fit all that is given. Longhaul's own are left alone, unless their kind is named. */
export class JobFilter {
  @ApiPropertyOptional({ example: EXAMPLE.kind })
  kind?: string;

  @ApiPropertyOptional({ example: EXAMPLE.queue })
  queue?: string;

  @ApiPropertyOptional({ example: 'customer-17' })
  tag?: string;

  @ApiPropertyOptional({ enum: JOB_STATES, enumName: 'JobState' })
  state?: JobState;

  @ApiPropertyOptional({ format: 'date-time', example: EXAMPLE.time, description: 'Created before this time; before the request where it is left out' })
  before?: string;
}

/** Failed jobs to put back: those that match, or all. */
export class RedriveJobs {
  @ApiPropertyOptional({ type: () => JobFilter, description: 'At least one condition' })
  filter?: JobFilter;

  @ApiPropertyOptional({ description: 'All of them; only without a filter' })
  all?: boolean;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: BULK_RATE_MAX,
    description: 'Jobs in a second at most; as fast as it goes where it is left out',
  })
  rate?: number;

  @ApiPropertyOptional({ description: 'Changes nothing, and answers how many jobs match' })
  dryRun?: boolean;
}

/** Jobs to cancel, of the states `scheduled`, `queued` and `running`: those that match, or all. */
export class CancelJobs extends RedriveJobs {
  @ApiPropertyOptional({ minLength: 1, maxLength: PAUSE_TEXT_MAX, example: 'sent twice' })
  reason?: string;

  @ApiPropertyOptional({ minLength: 1, maxLength: PAUSE_TEXT_MAX, example: 'anna' })
  by?: string;

  @Grace()
  graceMs?: number;
}

/** What an act would be for. */
export class MatchingJobs {
  @ApiProperty({ type: 'boolean', enum: [true] })
  dryRun!: true;

  @Count({ description: 'Jobs that match now' })
  matching!: number;

  @ApiProperty({ type: () => [JobView], description: 'Some of them, 20 at most' })
  samples!: JobView[];
}
