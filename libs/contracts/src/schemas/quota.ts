import { ApiProperty, ApiPropertyOptional } from './documented.js';
import { Count, Link, TextOrNull } from './fields.js';

const NAME = { example: 'acme', description: 'Its name' };

/** A number for each quota that is set; null: without a bound. What is left out is as the settings have it. */
export class QuotaSettings {
  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 10_000_000, nullable: true, description: 'Jobs that have not ended, scheduled ones too' })
  unfinishedJobs?: number | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 10_000_000, nullable: true, description: 'Jobs submitted in a second' })
  submissionsPerSecond?: number | null;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: 10_000_000,
    nullable: true,
    description: 'Jobs submitted at once, after a pause; twice as many as in a second unless set',
  })
  submissionsBurst?: number | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 1_125_899_906_842_624, nullable: true, description: 'Bytes of files' })
  fileBytes?: number | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 10_000_000, nullable: true, description: 'Schedules' })
  schedules?: number | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 10_000_000, nullable: true, description: 'Receivers of outcomes' })
  webhookEndpoints?: number | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 10_000_000, nullable: true, description: 'E-mails in an hour' })
  emailsPerHour?: number | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 10_000_000, nullable: true, description: 'Requests that wait for a job (Prefer: wait)' })
  waits?: number | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 10_000_000, nullable: true, description: 'Streams of events, SSE and WebSockets' })
  streams?: number | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 10_000_000, nullable: true, description: 'Uploads at once' })
  uploads?: number | null;
}

/** How one quota of a tenant stands. */
export class QuotaState {
  @Count({ nullable: true, example: 1_000, description: 'So much it may have; null: without a bound' })
  limit!: number | null;

  @Count({ nullable: true, example: 17, description: 'So much it has; null where that is not kept' })
  used!: number | null;

  @ApiProperty({ enum: ['tenant', 'setting'], description: 'Where the limit was set: for this tenant, or for all by a setting of the gateway' })
  from!: 'tenant' | 'setting';
}

const State = (description: string): PropertyDecorator => ApiProperty({ type: () => QuotaState, description });

/** All quotas of a tenant. */
export class QuotaStates {
  @State('Jobs that have not ended, scheduled ones too')
  unfinishedJobs!: QuotaState;

  @State('Jobs submitted in a second')
  submissionsPerSecond!: QuotaState;

  @State('Jobs submitted at once, after a pause; twice as many as in a second unless set')
  submissionsBurst!: QuotaState;

  @State('Bytes of files')
  fileBytes!: QuotaState;

  @State('Schedules')
  schedules!: QuotaState;

  @State('Receivers of outcomes')
  webhookEndpoints!: QuotaState;

  @State('E-mails in an hour')
  emailsPerHour!: QuotaState;

  @State('Requests that wait for a job (Prefer: wait)')
  waits!: QuotaState;

  @State('Streams of events, SSE and WebSockets')
  streams!: QuotaState;

  @State('Uploads at once')
  uploads!: QuotaState;
}

export class TenantLinks {
  @Link({ example: '/tenants/acme/quotas' })
  quotas!: string;
}

/** What a tenant may have, and what it has. */
export class TenantQuotas {
  @ApiProperty(NAME)
  tenant!: string;

  @ApiProperty({ type: () => QuotaStates })
  quotas!: QuotaStates;
}

/** A tenant of which there is something: jobs, keys, schedules, receivers or quotas. */
export class TenantView {
  @ApiProperty(NAME)
  tenant!: string;

  @ApiProperty({ type: () => QuotaSettings, nullable: true, description: 'Its own quotas; null: it has none, and the settings hold' })
  quotas!: QuotaSettings | null;

  @ApiProperty({ type: () => TenantLinks })
  links!: TenantLinks;
}

export class TenantPage {
  @ApiProperty({ type: () => [TenantView], description: 'By name' })
  items!: TenantView[];

  @TextOrNull({ example: 'acme', description: 'Of the next page; null on the last' })
  nextCursor!: string | null;
}
