import { ApiProperty, ApiPropertyOptional } from './documented.js';
import { Count, EXAMPLE } from './fields.js';
import { PauseState } from './pause-state.js';
import { PAUSE_TEXT_MAX } from '../bounds.js';

/** How a queue shares its workers between keys. */
export class QueueFairness {
  @ApiProperty({
    pattern: '^(kind|tag:.+)$',
    example: 'tag:tenant',
    description: 'What a key is: the value of a tag, such as `acme` of `tenant:acme`, or the kind. A job without such a tag counts under its kind',
  })
  by!: string;

  @ApiPropertyOptional({ enum: ['count', 'time'], default: 'count', description: 'Each key gets its share of the jobs started, or of worker seconds' })
  cost?: 'count' | 'time';

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'number', minimum: 0.001, maximum: 1_000 },
    example: { acme: 3 },
    description: 'A key that is not there has the weight 1',
  })
  weights?: Record<string, number>;
}

/** Whether a queue is paused. */
export class QueuePause extends PauseState {
  @ApiProperty({ example: EXAMPLE.queue })
  name!: string;
}

/** A queue as it was set. */
export class QueueSettings extends QueuePause {
  @ApiProperty({ type: () => QueueFairness, nullable: true, description: 'How it shares its workers; null: first in, first out' })
  fair!: QueueFairness | null;
}

/** A queue, with the number of its jobs in each state. Jobs that have ended are not counted. */
export class QueueView extends QueueSettings {
  @Count()
  scheduled!: number;

  @Count()
  queued!: number;

  @Count()
  running!: number;

  @Count({ description: 'Of the queued ones: those that wait in PostgreSQL for their turn' })
  waiting!: number;

  @Count({ description: 'Of the queued ones: those that wait in PostgreSQL because a limit has no room for them' })
  parked!: number;

  @ApiProperty({ type: 'number', minimum: 0, nullable: true, description: 'Seconds that the oldest queued job has waited; null when none waits' })
  oldestAgeSeconds!: number | null;

  @Count({ description: 'Live workers that take from it' })
  consumers!: number;
}

/** All queues. */
export class QueueList {
  @ApiProperty({ type: () => [QueueView] })
  items!: QueueView[];
}

/** A queue that is declared. */
export class DeclaredQueue {
  @ApiProperty({ example: EXAMPLE.queue })
  name!: string;
}

/** Who pauses a queue or a kind, and why. Both are kept until it is resumed. */
export class PauseNote {
  @ApiPropertyOptional({ minLength: 1, maxLength: PAUSE_TEXT_MAX, example: 'the printer is being repaired' })
  reason?: string;

  @ApiPropertyOptional({ minLength: 1, maxLength: PAUSE_TEXT_MAX, example: 'anna' })
  by?: string;
}

/** What is changed of a queue; what is left out stays as it is. */
export class QueueChange extends PauseNote {
  @ApiPropertyOptional()
  paused?: boolean;

  @ApiPropertyOptional({ type: () => QueueFairness, nullable: true, description: 'null: first in, first out' })
  fair?: QueueFairness | null;
}
