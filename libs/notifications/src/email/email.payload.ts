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

/** An alert as operators are told of it. */
export class EmailAlertView {
  @IsString() id!: string;
  /** The code of the rule of `GET /doctor` that has opened it. */
  @IsString() rule!: string;
  @IsIn(['error', 'warning']) level!: 'error' | 'warning';
  @IsString() message!: string;
  /** What to do. */
  @IsString() fix!: string;
  @IsString() link!: string;
  @IsString() openedAt!: string;
  @IsOptional() @IsString() endedAt!: string | null;
}

/** Tells of a job or of an alert. */
export class EmailPayload {
  @IsString() to!: string;
  /** Identifies the outcome. The Message-ID is made of it. */
  @Matches(/^[0-9a-f]{32}$/) messageId!: string;
  @IsOptional() @ValidateNested() @Type(() => EmailJobView) job?: EmailJobView;
  @IsOptional() @ValidateNested() @Type(() => EmailAlertView) alert?: EmailAlertView;
}
