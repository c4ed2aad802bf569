import { ApiProperty, ApiPropertyOptional } from './documented.js';
import type { JsonValue } from '../json.js';
import { AnyJsonOptional, Count, Id, Time } from './fields.js';
import { JOB_STATE, JobErrorView, type JobState, JobView, Progress } from './job.js';

export const JOB_EVENT_NAMES = ['state', 'progress', 'log', 'reset'] as const;
export type JobEventName = (typeof JOB_EVENT_NAMES)[number];

/** The state of a job has changed. `result`, `error` and `progress` come with the event that ended it. */
export class StateEvent {
  @Id()
  job!: string;

  @Count({ description: 'Grows by each event of one job: with `job` it names the event, over every channel' })
  seq!: number;

  @Time()
  at!: string;

  @ApiProperty(JOB_STATE)
  state!: JobState;

  @Count()
  attempt!: number;

  @AnyJsonOptional({ description: 'What the handler returned' })
  result?: JsonValue;

  @ApiPropertyOptional({ type: 'boolean', enum: [true], description: 'The result is too large to be told here; `GET /jobs/{id}` has it' })
  resultOmitted?: true;

  @ApiPropertyOptional({ type: () => JobErrorView, nullable: true })
  error?: JobErrorView | null;

  @ApiPropertyOptional({ type: () => Progress, nullable: true })
  progress?: Progress | null;
}

/** The progress of the running attempt. */
export class ProgressEvent extends Progress {
  @Id()
  job!: string;

  @Count()
  seq!: number;

  @Time()
  at!: string;
}

/** A line that the handler has written. */
export class LogEvent {
  @Id()
  job!: string;

  @Count()
  seq!: number;

  @Time()
  at!: string;

  @ApiProperty({ enum: ['info', 'warn'], description: '`warn` is what Longhaul itself has to say about the lines of a handler' })
  level!: 'info' | 'warn';

  @ApiProperty()
  message!: string;

  @ApiProperty({ type: 'object', additionalProperties: true })
  fields!: { [name: string]: JsonValue };
}

/** Sent in place of events that are no longer stored: the job as it is now. */
export class ResetEvent {
  @Id()
  job!: string;

  @Count()
  seq!: number;

  @ApiProperty({ type: () => JobView })
  view!: JobView;
}
