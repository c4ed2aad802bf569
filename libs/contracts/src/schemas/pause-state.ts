import { ApiProperty } from './documented.js';
import { TextOrNull, Time } from './fields.js';

/** Whether something is paused. */
export class PauseState {
  @ApiProperty()
  paused!: boolean;

  @Time({ nullable: true, description: 'Since when it is paused; null when it is not' })
  pausedAt!: string | null;

  @TextOrNull({ example: 'anna', description: 'Who has paused it, if that was said' })
  pausedBy!: string | null;

  @TextOrNull({ example: 'the printer is being repaired', description: 'Why, if that was said' })
  pauseReason!: string | null;
}
