import { ApiProperty, ApiPropertyOptional } from './documented.js';
import { EXAMPLE, Link, TextOrNull, Time } from './fields.js';

const MOST = 3_153_600_000;
const Kept = (of: string): PropertyDecorator =>
  ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MOST,
    nullable: true,
    example: 604_800,
    description: `Seconds from their end that ${of} are kept; null: for ever. Left out: the next less specific rule says it`,
  });

/** How long jobs are kept. One of the two at least. */
export class RetentionTimes {
  @Kept('succeeded jobs')
  succeededSeconds?: number | null;

  @Kept('failed and cancelled jobs')
  failedSeconds?: number | null;
}

export class RetentionLinks {
  @Link()
  self!: string;
}

/** How long the jobs of some kinds are kept. */
export class RetentionRuleView extends RetentionTimes {
  @ApiProperty({ example: 'report.*', description: `A kind such as \`${EXAMPLE.kind}\`, a prefix, or \`*\` for every kind` })
  kinds!: string;

  @TextOrNull({ example: 'acme', description: 'Whose jobs; null: those of all tenants, where a tenant has no rule of its own that says it' })
  tenant!: string | null;

  @ApiProperty({ example: 'api', description: 'Where it was set: `api`, or `code:<configuration>`, which holds where no rule of `api` says it' })
  origin!: string;

  @Time()
  updatedAt!: string;

  @ApiProperty({ type: () => RetentionLinks })
  links!: RetentionLinks;
}

/** What the settings say, where no rule does. */
export class RetentionSettings {
  @ApiProperty({ type: 'integer', nullable: true, example: 604_800, description: 'RETENTION_HOURS in seconds; null: for ever' })
  succeededSeconds!: number | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 2_592_000, description: 'RETENTION_FAILED_HOURS in seconds; null: for ever' })
  failedSeconds!: number | null;
}

export class RetentionList {
  @ApiProperty({ type: () => [RetentionRuleView], description: 'By tenant and kinds' })
  items!: RetentionRuleView[];

  @ApiProperty({ type: () => RetentionSettings })
  settings!: RetentionSettings;
}
