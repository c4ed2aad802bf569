import { ApiProperty, ApiPropertyOptional } from './documented.js';

/** One fault in a request's body. */
export class ProblemFault {
  @ApiProperty({ description: "RFC 6901, into the request's body", example: '/options/delay' })
  pointer!: string;

  @ApiProperty({ example: 'must be milliseconds, or text such as "30s", "15m" or "PT15M"' })
  detail!: string;
}

/** The limit that was reached. */
export class ExceededLimit {
  @ApiProperty({ example: 'queue_depth' })
  signal!: string;

  @ApiProperty({ example: 1_000_000 })
  measured!: number;

  @ApiProperty({ example: 1_000_000 })
  limit!: number;

  @ApiPropertyOptional({ description: 'The queue that is full, where it is one' })
  queue?: string;

  @ApiProperty({ description: 'By the rate at which jobs end, or at which requests may come', example: 5 })
  retryAfterSeconds!: number;
}

/** An error, after RFC 9457. A newer gateway may send fields that are not here. */
export class Problem {
  @ApiProperty({ format: 'uri-reference', description: 'Which problem it is: stable, for programs', example: '/problems/invalid-payload' })
  type!: string;

  @ApiProperty({ description: 'The same for each problem of the type', example: 'The request is not valid' })
  title!: string;

  @ApiProperty({ type: 'integer', minimum: 400, maximum: 599, description: 'The status of the answer', example: 422 })
  status!: number;

  @ApiProperty({ description: 'What was expected, what came, what to do', example: 'the options are not valid' })
  detail!: string;

  @ApiProperty({ format: 'uri-reference', description: 'The request, or the dead letter of a refused message', example: '/jobs' })
  instance!: string;

  @ApiPropertyOptional({ type: () => [ProblemFault], description: 'One entry for each fault of the body' })
  errors?: ProblemFault[];

  @ApiPropertyOptional({ type: () => ExceededLimit, description: 'Of `overloaded`, `queue-full`, `rate-limited` and `quota-exceeded`' })
  exceeded?: ExceededLimit;
}
