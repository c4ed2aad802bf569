import { Type } from 'class-transformer';
import { IsIn, IsOptional, IsString, Matches, ValidateNested } from 'class-validator';

/** The fields of a job that an e-mail contains. */
export class EmailJobView {
  @IsString() id!: string;
  @IsString() kind!: string;
  @IsIn(['succeeded', 'failed', 'cancelled']) state!: 'succeeded' | 'failed' | 'cancelled';
  /** The text of the error. Empty without an error, or when EMAIL_ERROR_TEXT forbids it. */
  @IsString() error!: string;
  /** The code of the error, such as `timeout`; empty without an error. */
  @IsOptional() @IsString() code?: string;
  @IsString() finishedAt!: string;
}

export class EmailPayload {
  @IsString() to!: string;
  /** Identifies the outcome. The Message-ID is made of it. */
  @Matches(/^[0-9a-f]{32}$/) messageId!: string;
  @ValidateNested() @Type(() => EmailJobView) job!: EmailJobView;
}
