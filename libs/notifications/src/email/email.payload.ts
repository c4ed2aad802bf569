import { Type } from 'class-transformer';
import { IsIn, IsOptional, IsString, Matches, ValidateNested } from 'class-validator';

/** What an e-mail says of a job. */
export class EmailJobView {
  @IsString() id!: string;
  @IsString() kind!: string;
  @IsIn(['succeeded', 'failed', 'cancelled']) state!: 'succeeded' | 'failed' | 'cancelled';
  /** Empty when there was none, or EMAIL_ERROR_TEXT does not let it out. */
  @IsString() error!: string;
  /** Of the error, such as `timeout`; empty when there was none. */
  @IsOptional() @IsString() code?: string;
  @IsString() finishedAt!: string;
}

export class EmailPayload {
  @IsString() to!: string;
  /** Of the outcome; its Message-ID is made of it. */
  @Matches(/^[0-9a-f]{32}$/) messageId!: string;
  @ValidateNested() @Type(() => EmailJobView) job!: EmailJobView;
}
