import { ApiProperty } from '@nestjs/swagger';
import { Count, EXAMPLE } from './fields.js';

/** A queue, with the number of its jobs in each state. Jobs that have ended are not counted. */
export class QueueView {
  @ApiProperty({ example: EXAMPLE.queue })
  name!: string;

  @ApiProperty()
  paused!: boolean;

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
}
