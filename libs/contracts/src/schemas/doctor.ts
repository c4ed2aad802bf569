import { ApiProperty } from './documented.js';
import { Id, TextOrNull, Time } from './fields.js';

const LEVELS = ['error', 'warning'] as const;
const LEVEL = {
  enum: LEVELS,
  enumName: 'DoctorLevel',
  description: '`error`: jobs wait that would run otherwise, or are refused. `warning`: somebody should look',
};
const SUBJECTS = ['broker', 'database', 'queues', 'workers', 'submissions', 'jobs', 'schedules', 'settings'] as const;

export class DoctorFinding {
  @ApiProperty({
    description: 'What was found, in one sentence or two',
    example: '3 jobs of queue reports wait for a worker, the oldest for 5 min: none takes this queue.',
  })
  message!: string;

  @ApiProperty({ type: 'string', format: 'uri-reference', description: 'Where the API shows it', example: '/workers' })
  link!: string;
}

/** One way in which an installation may not be well, and whether it is so. */
export class DoctorRule {
  @ApiProperty({ description: 'Stable, for programs', example: 'no_worker' })
  code!: string;

  @ApiProperty(LEVEL)
  level!: (typeof LEVELS)[number];

  @ApiProperty({ enum: SUBJECTS, enumName: 'DoctorSubject' })
  about!: (typeof SUBJECTS)[number];

  @ApiProperty({ description: 'What is wrong where it finds something' })
  wrong!: string;

  @ApiProperty({ description: 'How one sees it' })
  seen!: string;

  @ApiProperty({ description: 'What to do' })
  fix!: string;

  @ApiProperty({ type: () => [DoctorFinding], description: 'Empty where all is well; 20 at most' })
  found!: DoctorFinding[];
}

export class DoctorView {
  @Time()
  at!: string;

  @ApiProperty({ description: 'No rule has found anything' })
  ok!: boolean;

  @ApiProperty({ type: () => [DoctorRule], description: 'All of them, in the order in which they matter' })
  rules!: DoctorRule[];
}

export const ALERT_STATES = ['open', 'ended', 'all'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** Something that is not well, for as long as it is not. */
export class AlertView {
  @Id()
  id!: string;

  @ApiProperty({ description: 'The code of the rule of `GET /doctor` that has found it', example: 'no_worker' })
  rule!: string;

  @ApiProperty(LEVEL)
  level!: (typeof LEVELS)[number];

  @ApiProperty({
    description: 'What is wrong, as it was found last',
    example: '12 jobs of queue reports wait for a worker, the oldest for 45 s: none takes this queue.',
  })
  message!: string;

  @ApiProperty({ description: 'What to do' })
  fix!: string;

  @ApiProperty({ type: 'string', format: 'uri-reference', description: 'Where the API shows it', example: '/workers' })
  link!: string;

  @Time()
  openedAt!: string;

  @Time({ nullable: true, description: 'When somebody was told; null where nobody was' })
  toldAt!: string | null;

  @Time({ nullable: true, description: 'When it was found last; null while it is open' })
  endedAt!: string | null;
}

export class AlertPage {
  @ApiProperty({ type: () => [AlertView], description: 'The newest first' })
  items!: AlertView[];

  @TextOrNull({ description: 'The `cursor` of the next page; null at the end' })
  nextCursor!: string | null;

  @ApiProperty({ description: 'Whether somebody is told of alerts, by e-mail or by webhook. Otherwise they are looked for each minute, for this list alone' })
  told!: boolean;
}
