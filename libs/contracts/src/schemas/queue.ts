import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Count, EXAMPLE, TextOrNull, Time } from './fields.js';

/** Characters of who pauses something, and of why. */
export const PAUSE_TEXT_MAX = 500;

/** A queue, with the number of its jobs in each state. Jobs that have ended are not counted. */
export class QueueView {
  @ApiProperty({ example: EXAMPLE.queue })
  name!: string;

  @ApiProperty()
  paused!: boolean;

  @Time({ nullable: true, description: 'Since when it is paused; null when it is not' })
  pausedAt!: string | null;

  @TextOrNull({ example: 'anna', description: 'Who has paused it, if that was said' })
  pausedBy!: string | null;

  @TextOrNull({ example: 'the printer is being repaired', description: 'Why, if that was said' })
  pauseReason!: string | null;

  @Count()
  scheduled!: number;

  @Count()
  queued!: number;

  @Count()
  running!: number;

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

/** Whether a queue is paused. */
export class QueuePause extends DeclaredQueue {
  @ApiProperty()
  paused!: boolean;

  @Time({ nullable: true, description: 'Since when it is paused; null when it is not' })
  pausedAt!: string | null;

  @TextOrNull({ description: 'Who has paused it, if that was said' })
  pausedBy!: string | null;

  @TextOrNull({ description: 'Why, if that was said' })
  pauseReason!: string | null;
}

/** Who pauses a queue or a kind, and why. Both are kept until it is resumed. */
export class PauseNote {
  @ApiPropertyOptional({ minLength: 1, maxLength: PAUSE_TEXT_MAX, example: 'the printer is being repaired' })
  reason?: string;

  @ApiPropertyOptional({ minLength: 1, maxLength: PAUSE_TEXT_MAX, example: 'anna' })
  by?: string;
}
