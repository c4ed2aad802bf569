import { ApiProperty, ApiPropertyOptional } from './documented.js';
import { Grace } from './cancellation.js';
import { Count, EXAMPLE } from './fields.js';
import { type JobState, JobView } from './job.js';
import { PAUSE_TEXT_MAX } from '../bounds.js';

/** Jobs in a second that an act may change at most. */
export const BULK_RATE_MAX = 10_000;

const ONE_OR_MORE = (items: object, description: string, example: string, maxItems = 20): PropertyDecorator =>
  ApiPropertyOptional({ oneOf: [items, { type: 'array', items, minItems: 1, maxItems }], description, example });
const Moment = (description: string): PropertyDecorator => ApiPropertyOptional({ format: 'date-time', example: EXAMPLE.time, description });

/** Jobs that fit all that is given. Longhaul's own are left alone, unless their kind is named. */
export class JobFilter {
  @ONE_OR_MORE({ type: 'string' }, 'Of one of these kinds', EXAMPLE.kind)
  kind?: string | string[];

  @ApiPropertyOptional({ example: EXAMPLE.queue })
  queue?: string;

  @ONE_OR_MORE({ type: 'string' }, 'With all of these tags', 'customer-17')
  tag?: string | string[];

  @ONE_OR_MORE({ $ref: '#/components/schemas/JobState' }, 'Of one of these states, if the act is for them', 'failed')
  state?: JobState | JobState[];

  @ApiPropertyOptional({ example: 'nightly', description: 'Made by this schedule' })
  schedule?: string;

  @ONE_OR_MORE({ type: 'string', format: 'uuid' }, 'With one of these ids; one that no job has is refused', EXAMPLE.id, 1_000)
  id?: string | string[];

  @ApiPropertyOptional({ example: 'order-4711', description: 'Submitted with this key, while keys are kept' })
  idempotencyKey?: string;

  @ApiPropertyOptional({ example: 'ECONNREFUSED', description: 'In the code, the name or the message of the last error, in whatever case' })
  error?: string;

  @ApiPropertyOptional({
    oneOf: [{ type: 'string' }, { type: 'object', additionalProperties: true }],
    example: { customer: 7 },
    description: 'Held by the payload; with one `kind`',
  })
  payload?: string | { [name: string]: unknown };

  @Moment('Created at this time or later')
  createdFrom?: string;

  @Moment('Created before this time')
  createdTo?: string;

  @Moment('Ended at this time or later')
  finishedFrom?: string;

  @Moment('Ended before this time')
  finishedTo?: string;

  @ApiPropertyOptional({ format: 'date-time', example: EXAMPLE.time, description: 'Created before this time; before the request where it is left out' })
  before?: string;
}

/** Failed jobs: the same, and those of one cause. */
export class FailedJobFilter extends JobFilter {
  @ApiPropertyOptional({ example: EXAMPLE.group, description: 'With a dead letter of this group that waits: see `GET /dead-letters/groups`' })
  group?: string;
}

/** What an act on many jobs is for, and how it is done. */
class JobChoice {
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

  @ApiPropertyOptional({ minLength: 1, maxLength: PAUSE_TEXT_MAX, example: 'sent twice' })
  reason?: string;

  @ApiPropertyOptional({ minLength: 1, maxLength: PAUSE_TEXT_MAX, example: 'anna' })
  by?: string;
}

/** Failed jobs to put back: those that match, or all. */
export class RedriveJobs extends JobChoice {
  @ApiPropertyOptional({ type: () => FailedJobFilter, description: 'At least one condition' })
  declare filter?: FailedJobFilter;
}

/** Jobs to cancel, of the states `scheduled`, `queued` and `running`: those that match, or all. */
export class CancelJobs extends JobChoice {
  @Grace()
  graceMs?: number;
}

/** Jobs that wait, of the states `scheduled` and `queued`, that are to have another priority: those that match, or all. */
export class ReprioritiseJobs extends JobChoice {
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 9, example: 9, description: 'The new one. Jobs that have it already do not match' })
  priority!: number;
}

/** Jobs that wait, of the states `scheduled` and `queued`, that are to go to another queue: those that match, or all. */
export class MoveJobs extends JobChoice {
  @ApiProperty({ example: EXAMPLE.queue, description: 'A declared queue. Jobs that are in it already do not match' })
  queue!: string;
}

/** Failed jobs whose dead letters are to be put away: those that match, or all. */
export class DiscardJobs extends JobChoice {
  @ApiPropertyOptional({ type: () => FailedJobFilter, description: 'At least one condition' })
  declare filter?: FailedJobFilter;
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
