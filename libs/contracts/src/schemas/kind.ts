import { ApiProperty } from './documented.js';
import { Count, EXAMPLE } from './fields.js';
import { PauseState } from './pause-state.js';

/** How long a job waits before its next attempt: `baseMs * factor^(n-1)` after the n-th failed one, at most `maxMs`. */
export class BackoffView {
  @Count({ example: 1_000 })
  baseMs!: number;

  @ApiProperty({ example: 2 })
  factor!: number;

  @Count({ example: 600_000 })
  maxMs!: number;

  @ApiProperty({ enum: ['full', 'none'], description: '`full` draws from 0 to the delay' })
  jitter!: 'full' | 'none';
}

/** The limits of a child process. */
export class IsolationView {
  @Count({ minimum: 1, example: 512 })
  memoryMb!: number;
}

/** A kind that can be submitted, with the default options of its jobs. */
export class KindView extends PauseState {
  @ApiProperty({ example: EXAMPLE.kind })
  kind!: string;

  @ApiProperty()
  description!: string;

  @ApiProperty({ example: EXAMPLE.queue })
  queue!: string;

  @Count({ minimum: 1 })
  maxAttempts!: number;

  @Count({ nullable: true, description: 'Of one attempt; null for no limit' })
  timeoutMs!: number | null;

  @ApiProperty({ type: () => BackoffView })
  backoff!: BackoffView;

  @Count({ maximum: 9 })
  priority!: number;

  @Count({ minimum: 1, description: 'Of a worker, that one job takes' })
  slots!: number;

  @ApiProperty({ type: () => IsolationView, nullable: true, description: 'Its attempts run in child processes; null where they do not' })
  isolated!: IsolationView | null;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'JSON Schema of the payload' })
  schema!: Record<string, unknown>;
}

/** All kinds. */
export class KindList {
  @ApiProperty({ type: () => [KindView] })
  items!: KindView[];
}

/** Whether a kind is paused. */
export class KindPause extends PauseState {
  @ApiProperty({ example: EXAMPLE.kind })
  kind!: string;
}
