import { ApiProperty } from '@nestjs/swagger';
import { Time } from './fields.js';

const LEVELS = ['error', 'warning'] as const;
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

  @ApiProperty({
    enum: LEVELS,
    enumName: 'DoctorLevel',
    description: '`error`: jobs wait that would run otherwise, or are refused. `warning`: somebody should look',
  })
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
