import { ApiProperty, ApiPropertyOptional } from './documented.js';
import { TextOrNull, Time } from './fields.js';
import { PAUSE_TEXT_MAX } from '../bounds.js';

/** What became of a cancel. */
export const CANCEL_OUTCOMES = ['not_started', 'stopped', 'abandoned', 'killed', 'too_late', 'worker_lost'] as const;
/** The longest time that a cancel may leave a handler, in milliseconds. */
export const CANCEL_GRACE_MAX_MS = 5_000;

/** Of the bodies that cancel. */
export const Grace = (): PropertyDecorator =>
  ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: CANCEL_GRACE_MAX_MS,
    default: CANCEL_GRACE_MAX_MS,
    description: 'How long a running handler has to obey, in milliseconds. Then the job ends without it',
  });

/** Who cancels a job, and why. All of it may be left out. */
export class CancelRequest {
  @ApiPropertyOptional({ minLength: 1, maxLength: PAUSE_TEXT_MAX, example: 'the customer has left' })
  reason?: string;

  @ApiPropertyOptional({ minLength: 1, maxLength: PAUSE_TEXT_MAX, example: 'anna' })
  by?: string;

  @Grace()
  graceMs?: number;
}

/** The first cancel of a job; a repeat changes nothing. */
export class Cancellation {
  @Time()
  requestedAt!: string;

  @TextOrNull({ example: 'anna' })
  by!: string | null;

  @TextOrNull({ example: 'the customer has left' })
  reason!: string | null;

  @ApiProperty({ type: 'integer', nullable: true, minimum: 0, maximum: CANCEL_GRACE_MAX_MS, description: 'As it was asked for; null: as long as usual' })
  graceMs!: number | null;

  @Time({ nullable: true, description: "When the handler's signal fired; told when its attempt has ended" })
  acknowledgedAt!: string | null;

  @ApiProperty({
    enum: CANCEL_OUTCOMES,
    enumName: 'CancelOutcome',
    nullable: true,
    description:
      '`not_started`: it had not begun, and never will. `stopped`: its handler obeyed. `abandoned`: the handler did not, and its code may go on until its process ends. `killed`: the same, in a process of its own, which is gone. `too_late`: it had its outcome first. `worker_lost`: the worker that ran it was. Null while it is being asked',
  })
  outcome!: (typeof CANCEL_OUTCOMES)[number] | null;
}
